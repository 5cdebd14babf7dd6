import { averageOfSets, type Interval, type RunResults } from '@farout/core';
import { bestOf, unranked, type Best } from './best.ts';
import { metricLabel, percent } from './numbers.ts';
import { setsIn } from './tables.ts';

/** How detectors stand by the experiment's first metric, averaged over the OOD sets. */
interface Standing {
  readonly best: Best;
  /** `FPR95, ID positive` */
  readonly metric: string;
  readonly better: 'higher' | 'lower';
  /** On which sets: `averaged over the OOD sets`, or `on sun` where there is one. */
  readonly on: string;
  /** From the first place to the last, those left out whose scores are too much alike; values in percent, with their sign. */
  readonly ranked: readonly Ranked[];
}

interface Ranked {
  readonly detector: string;
  readonly value: string;
  readonly interval?: Interval;
}

/** Undefined where there are not two detectors to compare. */
export function standing(run: RunResults): Standing | undefined {
  const { metrics, results } = run;
  const [first] = metrics;
  if (!first) return undefined;
  const column = results.filter(({ metric, ood }) => metric === first.name && ood === averageOfSets);
  const best = bestOf(column, first, averageOfSets, run);
  if (best.kind === 'none') return undefined;
  const sign = first.better === 'lower' ? 1 : -1;
  const leftOut = unranked(first, run);
  const ranked = column
    .filter(({ detector }) => !leftOut.includes(detector))
    .sort((a, b) => sign * (a.value - b.value))
    .map(({ detector, value, interval }) => ({
      detector,
      value: `${percent(value)} %`,
      ...(interval && { interval }),
    }));
  const sets = setsIn(run);
  const on = sets.length === 1 ? `on ${sets[0]!}` : 'averaged over the OOD sets';
  return { best, metric: metricLabel(first), better: first.better, on, ranked };
}

/** The detector that is first by the experiment's first metric, where it is the only one or where differences were tested. */
export function bestDetector(run: RunResults): string | undefined {
  const found = standing(run);
  if (found?.best.kind === 'tested') return found.ranked[0]?.detector;
  return found?.best.kind === 'one' ? found.best.detectors[0] : undefined;
}
