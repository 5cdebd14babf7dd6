import type { HookDefinition, Rectification, Rows, TraceablePart } from '@farout/core';
import type { ImageRows } from '../extraction/row-set.ts';
import { openLens, type LastStages } from '../fit/lens.ts';
import { hashData } from '../store/entries.ts';
import { binsOver, edgesOf, Histogram, rounded, type Bins } from './curves.ts';
import { unlessItFails, type ReportSources, type ScoredDetector } from './sources.ts';

/**
 * What hooks do to the features of all sets, the ID set first: one for all detectors whose hooks are the same. One that
 * cannot be made costs a warning and not the others'.
 */
export async function rectifications(
  scored: readonly ScoredDetector[],
  { experiment, sets, fitting, signal, logger }: ReportSources,
): Promise<Rectification[]> {
  const compared = new Map([experiment.id, ...experiment.ood].map((name) => [name, sets.get(name)!]));
  const made: Rectification[] = [];
  for (const group of withSameHooks(scored)) {
    const detectors = group.map(({ detector }) => detector.name);
    const seen = async () => [await rectification(group[0]!.fitted.hooks, compared, fitting.stages, signal)];
    const what = `what the hooks of ${detectors.map((name) => `"${name}"`).join(', ')} do`;
    const [drawn] = await unlessItFails(what, seen, { logger, signal });
    if (drawn) made.push({ detectors, ...drawn });
  }
  return made;
}

/** The detectors that rewrite features, those with the same hooks and parameters together. */
function withSameHooks(scored: readonly ScoredDetector[]): Iterable<ScoredDetector[]> {
  const groups = new Map<string, ScoredDetector[]>();
  for (const one of scored) {
    const { hooks } = one.detector;
    if (!hooks.some(({ definition }) => definition.features)) continue;
    const key = hashData(hooks.map(({ origin, definition, params }) => [origin, definition.name, params]));
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return groups.values();
}

const bins = 80;
/** How many standard deviations above the mean of all ID activations the histogram ends; a few units excite far beyond. */
const deviations = 6;

type Hooks = readonly TraceablePart<HookDefinition>[];
type Sets = ReadonlyMap<string, ImageRows>;

/**
 * What hooks do to the features of the sets, of which the first is the ID set: two passes over the stored features, a
 * shard at a time.
 */
async function rectification(
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

/** The rectification threshold of the first hook that has one: what it calls `c`, learnt or given; undefined without. */
export function hookThreshold(hooks: readonly TraceablePart<HookDefinition>[]): number | undefined {
  for (const { params, learnt } of hooks) {
    if (learnt.c?.data.length === 1) return Number(learnt.c.data[0]);
    if (typeof params.c === 'number') return params.c;
  }
  return undefined;
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

/** Mean and population standard deviation of every unit, float64 (D) each. */
interface UnitMoments {
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
}

/**
 * Mean and spread of every unit over blocks of rows, float64, memory independent of their number. Each block's moments
 * are taken about its own mean and joined to the former ones (Chan, Golub, LeVeque 1979), so that no digits cancel.
 */
export class UnitStatistics {
  #count = 0;
  #mean = new Float64Array(0);
  #squares = new Float64Array(0);
  /** The smallest and the largest value of all. */
  low = Infinity;
  high = -Infinity;

  add(rows: Rows): void {
    const [count, width] = rows.shape;
    if (this.#count === 0) [this.#mean, this.#squares] = [new Float64Array(width), new Float64Array(width)];
    const mean = meansOf(rows);
    const squares = squaresAbout(mean, rows);
    const all = this.#count + count;
    for (let unit = 0; unit < width; unit++) {
      const apart = mean[unit]! - this.#mean[unit]!;
      this.#mean[unit]! += (apart * count) / all;
      this.#squares[unit]! += squares[unit]! + (apart * apart * this.#count * count) / all;
    }
    this.#count = all;
    for (const value of rows.data) {
      if (value < this.low) this.low = value;
      if (value > this.high) this.high = value;
    }
  }

  moments(): UnitMoments {
    return { mean: this.#mean, deviation: this.#squares.map((square) => Math.sqrt(square / this.#count)) };
  }
}

function meansOf({ data, shape: [count, width] }: Rows): Float64Array {
  const sums = new Float64Array(width);
  for (let i = 0, unit = 0; i < data.length; i++) {
    sums[unit]! += data[i]!;
    if (++unit === width) unit = 0;
  }
  return sums.map((sum) => sum / count);
}

function squaresAbout(mean: Float64Array, { data, shape: [, width] }: Rows): Float64Array {
  const squares = new Float64Array(width);
  for (let i = 0, unit = 0; i < data.length; i++) {
    squares[unit]! += (data[i]! - mean[unit]!) ** 2;
    if (++unit === width) unit = 0;
  }
  return squares;
}
