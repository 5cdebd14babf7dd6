import { averageOfSets, type DatasetSummary, type RunResults } from '@farout/core';
import { percent } from './percent.ts';

/** In sets of fewer images the best of a column is chance: drawn again, as often as not another detector is in its place. */
export const fewestImages = 100;

/** What tables are made of. */
export type TableSource = Pick<RunResults, 'results' | 'metrics' | 'constant' | 'tied' | 'datasets'>;

/** A number of a column; absent ones have none. */
export interface Ranked {
  readonly detector: string;
  readonly value: number | undefined;
}

/**
 * Who is best in a column: the one; several whose numbers print alike; or none, because all print alike, because too few
 * images are compared, or because there is nothing to compare.
 */
export interface Best {
  readonly kind: 'one' | 'several' | 'all-equal' | 'too-few-images' | 'none';
  /** The detectors that are marked; none unless there are one or several. */
  readonly detectors: readonly string[];
}

/**
 * Decides for tables, pages and headlines alike. It compares what is printed, so that equal numbers look equal; those that
 * are left out take no part.
 */
export function bestOf(
  column: readonly Ranked[],
  better: 'higher' | 'lower',
  images: number,
  leftOut: readonly string[],
): Best {
  const ranked = column.flatMap(({ detector, value }) =>
    value === undefined || leftOut.includes(detector) ? [] : [{ detector, printed: Number(percent(value)) }],
  );
  const numbers = ranked.map(({ printed }) => printed);
  const [lowest, highest] = [Math.min(...numbers), Math.max(...numbers)];
  if (ranked.length < 2) return { kind: 'none', detectors: [] };
  if (images < fewestImages) return { kind: 'too-few-images', detectors: [] };
  if (lowest === highest) return { kind: 'all-equal', detectors: [] };
  const best = better === 'lower' ? lowest : highest;
  const detectors = ranked.filter(({ printed }) => printed === best).map(({ detector }) => detector);
  return { kind: detectors.length === 1 ? 'one' : 'several', detectors };
}

/** Detectors that take no part in a metric's ranking: all their scores are one, or no threshold parts about 95 % of the ID images. */
export const unranked = (metric: string, { constant, tied = {} }: Pick<TableSource, 'constant' | 'tied'>): string[] => [
  ...constant,
  ...(metric === 'fpr95' ? Object.keys(tied) : []),
];

/** How many images of a set were compared. */
export const readable = ({ images, unreadable }: DatasetSummary): number => images - unreadable.length;

/** The images of the smallest set behind a column: of the ID set and an OOD set, or of all of them for the average. */
export function imagesBehind(ood: string, { datasets }: Pick<TableSource, 'datasets'>): number {
  const counts = Object.entries(datasets)
    .filter(
      ([name, { roles }]) => roles.includes('id') || (roles.includes('ood') && (ood === name || ood === averageOfSets)),
    )
    .map(([, set]) => readable(set));
  return Math.min(...counts);
}
