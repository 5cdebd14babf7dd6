import { averageOfSets, type RunResults } from '@farout/core';
import { bestOf, imagesBehind, unranked, type Best } from '../best.ts';
import { metricLabel } from '../numbers.ts';
import { percent } from '../percent.ts';

/** How detectors stand by the experiment's first metric, averaged over the OOD sets. */
export interface Standing {
  readonly best: Best;
  /** `FPR95, ID positive` */
  readonly metric: string;
  readonly better: 'higher' | 'lower';
  /** On which sets: `averaged over the OOD sets`, or `on sun` where there is one. */
  readonly on: string;
  /** From the first place to the last, those left out whose scores are too much alike; values in percent, with their sign. */
  readonly ranked: readonly { readonly detector: string; readonly value: string }[];
}

/** Undefined where there are not two detectors to compare. */
export function standing(run: RunResults): Standing | undefined {
  const { metrics, results } = run;
  const [first] = metrics;
  if (!first) return undefined;
  const column = results.filter(({ metric, ood }) => metric === first.name && ood === averageOfSets);
  const leftOut = unranked(first.name, run);
  const best = bestOf(column, first.better, imagesBehind(averageOfSets, run), leftOut);
  if (best.kind === 'none') return undefined;
  const sign = first.better === 'lower' ? 1 : -1;
  const ranked = column
    .filter(({ detector }) => !leftOut.includes(detector))
    .sort((a, b) => sign * (a.value - b.value))
    .map(({ detector, value }) => ({ detector, value: `${percent(value)} %` }));
  const sets = new Set(results.map(({ ood }) => ood).filter((ood) => ood !== averageOfSets));
  const on = sets.size === 1 ? `on ${[...sets][0]!}` : 'averaged over the OOD sets';
  return { best, metric: metricLabel(first.name).title, better: first.better, on, ranked };
}

/** The one detector that is best by the experiment's first metric; undefined where there is none. */
export function bestDetector(run: RunResults): string | undefined {
  const best = standing(run)?.best;
  return best?.kind === 'one' ? best.detectors[0] : undefined;
}
