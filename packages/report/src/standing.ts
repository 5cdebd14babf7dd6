import { averageOfSets, type Interval, type RunResults } from '@farout/core';
import { bestOf, unranked, type Best } from './best.ts';
import { metricLabel, percent } from './numbers.ts';
import { setsIn } from './tables.ts';

/** The ranking of detectors by a metric on a set, a group, or averaged over the OOD sets. */
interface Standing {
  readonly best: Best;
  /** `FPR95, ID positive` */
  readonly metric: string;
  readonly better: 'higher' | 'lower';
  /** The sets, in words: `averaged over the OOD sets`, or `on sun`. */
  readonly on: string;
  /** From first to last, without the `unranked` detectors; values in percent with the percent sign. */
  readonly ranked: readonly Ranked[];
}

interface Ranked {
  readonly detector: string;
  readonly value: string;
  readonly interval?: Interval;
}

/** The ranking by the first metric and the average, unless given; undefined if there are fewer than two detectors to compare. */
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

/** The first detector by the experiment's first metric, if it is the only one or differences were tested. */
export function bestDetector(run: RunResults): string | undefined {
  const found = standing(run);
  if (found?.best.kind === 'tested') return found.ranked[0]?.detector;
  return found?.best.kind === 'one' ? found.best.detectors[0] : undefined;
}
