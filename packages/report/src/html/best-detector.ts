import { averageOfSets, type RunResults } from '@farout/core';
import { metricLabel } from '../metric-label.ts';
import { percent } from '../percent.ts';

/** The detector that is best by the first metric's average, and the one after it. */
export interface BestDetector {
  readonly detector: string;
  /** `lowest FPR95, ID positive` */
  readonly metric: string;
  /** On which sets: `averaged over the OOD sets`, or `on sun` where there is one. */
  readonly on: string;
  /** In percent, with its sign. */
  readonly value: string;
  readonly next: { readonly detector: string; readonly value: string } | undefined;
}

/** Undefined where no detector came to scores, or where two share the first place. */
export function bestDetector({ metrics: [first], results, constant }: RunResults): BestDetector | undefined {
  if (!first) return undefined;
  const sign = first.better === 'lower' ? 1 : -1;
  const ranked = results
    .filter(({ metric, ood }) => metric === first.name && ood === averageOfSets)
    .filter(({ detector }) => !constant.includes(detector))
    .sort((a, b) => sign * (a.value - b.value))
    .map(({ detector, value }) => ({ detector, value: `${percent(value)} %` }));
  const [best, next] = ranked;
  if (!best || best.value === next?.value) return undefined;
  const sets = new Set(results.map(({ ood }) => ood).filter((ood) => ood !== averageOfSets));
  const on = sets.size === 1 ? `on ${[...sets][0]!}` : 'averaged over the OOD sets';
  return {
    ...best,
    metric: `${first.better === 'lower' ? 'lowest' : 'highest'} ${metricLabel(first.name).title}`,
    on,
    next,
  };
}
