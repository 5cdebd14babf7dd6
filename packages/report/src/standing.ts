import { averageOfSets, type Interval, type RunResults } from '@farout/core';
import { bestOf, unranked, type Best } from './best.ts';
import { metricLabel, percent } from './numbers.ts';
import { setsIn } from './tables.ts';

/** How detectors stand by a metric on a set, a group, or averaged over the OOD sets. */
interface Standing {
  readonly best: Best;
  /** `FPR95, ID positive` */
  readonly metric: string;
  readonly better: 'higher' | 'lower';
  /** On which sets: `averaged over the OOD sets`, or `on sun`. */
  readonly on: string;
  /** From the first place to the last, those left out whose scores are too much alike; values in percent, with their sign. */
  readonly ranked: readonly Ranked[];
}

interface Ranked {
  readonly detector: string;
  readonly value: string;
  readonly interval?: Interval;
}

/** By the experiment's first metric on average, unless others are named; undefined where there are not two detectors to compare. */
export function standing(run: RunResults, by = run.metrics[0], ood: string = averageOfSets): Standing | undefined {
  if (!by) return undefined;
  const column = run.results.filter((cell) => cell.metric === by.name && cell.ood === ood);
  const best = bestOf(column, by, ood, run);
  if (best.kind === 'none') return undefined;
  const sign = by.better === 'lower' ? 1 : -1;
  const leftOut = unranked(by, run);
  const ranked = column
    .filter(({ detector }) => !leftOut.includes(detector))
    .sort((a, b) => sign * (a.value - b.value))
    .map(({ detector, value, interval }) => ({
      detector,
      value: `${percent(value)} %`,
      ...(interval && { interval }),
    }));
  return { best, metric: metricLabel(by), better: by.better, on: place(run, ood), ranked };
}

function place(run: RunResults, ood: string): string {
  if (ood !== averageOfSets) return `on ${ood}`;
  const sets = setsIn(run);
  return sets.length === 1 ? `on ${sets[0]!}` : 'averaged over the OOD sets';
}

/** The detector that is first by the experiment's first metric, where it is the only one or where differences were tested. */
export function bestDetector(run: RunResults): string | undefined {
  const found = standing(run);
  if (found?.best.kind === 'tested') return found.ranked[0]?.detector;
  return found?.best.kind === 'one' ? found.best.detectors[0] : undefined;
}
