import type { HookDefinition, Rectification, TraceablePart } from '@farout/core';
import type { ImageRows } from '../extraction/row-set.ts';
import { openLens, type LastStages } from '../fit/lens.ts';
import { binsOver, edgesOf, Histogram, type Bins } from './curves.ts';
import { hookThreshold } from './hook-threshold.ts';
import { rounded } from './rounded.ts';
import { UnitStatistics, type UnitMoments } from './unit-statistics.ts';

const bins = 80;
/** How many standard deviations above the mean of all ID activations the histogram ends; a few units excite far beyond. */
const deviations = 6;

type Hooks = readonly TraceablePart<HookDefinition>[];
type Sets = ReadonlyMap<string, ImageRows>;

/**
 * What hooks do to the features of the sets, of which the first is the ID set: two passes over the stored features, a
 * shard at a time.
 */
export async function rectification(
  hooks: Hooks,
  sets: Sets,
  stages: LastStages,
  signal: AbortSignal,
): Promise<Omit<Rectification, 'detectors'>> {
  const c = hookThreshold(hooks);
  const [before, after] = await beforeAndAfter(hooks, sets, stages, signal);
  const range = rangeOf(before.values().next().value!);
  return {
    ...(c !== undefined && { c }),
    before: unitsOf(before),
    after: unitsOf(after),
    edges: edgesOf(range),
    pooled: await pooledShares(sets, range, signal),
  };
}

type Statistics = Map<string, UnitStatistics>;

async function beforeAndAfter(hooks: Hooks, sets: Sets, stages: LastStages, signal: AbortSignal) {
  const before: Statistics = new Map();
  const after: Statistics = new Map();
  const lens = await openLens(stages, hooks, ['features']);
  try {
    for (const [name, set] of sets) {
      const [bare, hooked] = [new UnitStatistics(), new UnitStatistics()];
      for await (const { rows: features } of set.rows()) {
        signal.throwIfAborted();
        bare.add(features);
        hooked.add((await lens.seeThrough(features)).features);
      }
      before.set(name, bare);
      after.set(name, hooked);
    }
    return [before, after] as const;
  } finally {
    await lens.close();
  }
}

const unitsOf = (statistics: Statistics) =>
  [...statistics].map(([set, units]) => {
    const { mean, deviation } = units.moments();
    return { set, mean: rounded(mean), deviation: rounded(deviation) };
  });

/** From the lowest ID activation to a few deviations above their mean. */
function rangeOf(id: UnitStatistics): Bins {
  const { mean, deviation } = pooledMoments(id.moments());
  return binsOver(id.low, Math.min(id.high, mean + deviations * deviation), bins);
}

/** Of all activations together: variance = mean of the units' variances + variance of their means. */
function pooledMoments({ mean, deviation }: UnitMoments) {
  const average = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const centre = average(mean);
  const variance = average(deviation.map((d) => d * d)) + average(mean.map((m) => (m - centre) ** 2));
  return { mean: centre, deviation: Math.sqrt(variance) };
}

async function pooledShares(sets: Sets, range: Bins, signal: AbortSignal): Promise<Rectification['pooled']> {
  const pooled: { set: string; shares: number[] }[] = [];
  for (const [name, set] of sets) {
    const histogram = new Histogram(range);
    for await (const { rows: features } of set.rows()) {
      signal.throwIfAborted();
      histogram.add(features.data);
    }
    pooled.push({ set: name, shares: rounded(histogram.shares()) });
  }
  return pooled;
}
