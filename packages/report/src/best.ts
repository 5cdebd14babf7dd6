import { averageOfSets, type MetricTraits, type PairedErrors } from '@farout/core';
import { notBeaten } from '@farout/statistics';
import { unshownPoints } from './choices.ts';
import { percent, readable } from './numbers.ts';
import type { TableSource } from './tables.ts';

/** In sets of fewer images the best of a column is chance: drawn again, as often as not another detector is in its place. */
export const fewestImages = 100;

/** A number of a column; absent ones have none. */
interface Ranked {
  readonly detector: string;
  readonly value: number | undefined;
}

/**
 * Who is best in a column. Where the run says how far differences vary with the images (`tested`): all that no other beats. Elsewhere the
 * one; several whose numbers print alike; or none, because all print alike, because too few images are compared, or because there is
 * nothing to compare.
 */
export interface Best {
  readonly kind: 'tested' | 'one' | 'several' | 'all-equal' | 'too-few-images' | 'none';
  /** The detectors that are marked; none unless they were tested, or there are one or several. */
  readonly detectors: readonly string[];
  /** How many rows were compared; 0 where none were tested. */
  readonly compared: number;
}

/**
 * Decides for tables, pages and headlines alike. Without tests it compares what is printed, so that equal numbers look equal; those that
 * are left out take no part.
 */
export function bestOf(column: readonly Ranked[], metric: MetricTraits, ood: string, source: TableSource): Best {
  const { better } = metric;
  const leftOut = unranked(metric, source);
  const errors = source.paired?.find((each) => each.metric === metric.name && each.ood === ood);
  const ranked = column.flatMap(({ detector, value }) =>
    value === undefined || leftOut.includes(detector) ? [] : [{ detector, value, printed: Number(percent(value)) }],
  );
  const numbers = ranked.map(({ printed }) => printed);
  const [lowest, highest] = [Math.min(...numbers), Math.max(...numbers)];
  const untested = { detectors: [], compared: 0 };
  if (ranked.length < 2) return { kind: 'none', ...untested };
  if (!errors && imagesBehind(ood, source) < fewestImages) return { kind: 'too-few-images', ...untested };
  if (lowest === highest) return { kind: 'all-equal', ...untested };
  if (errors) {
    const compared = errors.detectors.length + unshownPoints(source);
    return { kind: 'tested', detectors: unbeaten(ranked, better, errors, compared), compared };
  }
  const best = better === 'lower' ? lowest : highest;
  const detectors = ranked.filter(({ printed }) => printed === best).map(({ detector }) => detector);
  return { kind: detectors.length === 1 ? 'one' : 'several', detectors, compared: 0 };
}

/** Of the rows those that no other beats, at a level that counts the rows that were compared and are not shown too. */
function unbeaten(
  ranked: readonly { readonly detector: string; readonly value: number }[],
  better: 'higher' | 'lower',
  errors: PairedErrors,
  compared: number,
): string[] {
  const rows = ranked.filter(({ detector }) => errors.detectors.includes(detector));
  const errorOf = pairedError(errors);
  const level = (familyLevel * (rows.length - 1)) / Math.max(compared - 1, 1);
  const values = rows.map(({ value }) => value);
  return notBeaten(values, (a, b) => errorOf(rows[a]!.detector, rows[b]!.detector), better, level).map(
    (row) => rows[row]!.detector,
  );
}

/** The probability that the truly best row of a column goes unmarked is at most this. */
const familyLevel = 0.05;

/** The standard error of the difference between two detectors by name. */
export function pairedError({ detectors, standardErrors }: PairedErrors): (one: string, other: string) => number {
  const places = new Map(detectors.map((detector, at) => [detector, at]));
  return (one, other) => {
    const [low, high] = [places.get(one)!, places.get(other)!].sort((a, b) => a - b);
    return low === high ? 0 : standardErrors[low! * detectors.length - (low! * (low! + 1)) / 2 + high! - low! - 1]!;
  };
}

/** Detectors that take no part in a metric's ranking: all their scores are one, or no threshold parts about 95 % of the ID images. */
export const unranked = (
  { at95 }: MetricTraits,
  { constant, tied = {} }: Pick<TableSource, 'constant' | 'tied'>,
): string[] => [...constant, ...(at95 === 'id' ? Object.keys(tied) : [])];

/** Images that are compared as one set. */
interface ComparedSet {
  readonly set: string;
  readonly role: 'id' | 'ood';
  readonly count: number;
}

/** The sets as they are compared: those in distribution as one, each out of distribution by itself. */
export function comparedSets(datasets: TableSource['datasets']): ComparedSet[] {
  const all = Object.entries(datasets);
  const id = all.filter(([, { roles }]) => roles.includes('id'));
  const joined = {
    set: id.map(([name]) => name).join(', '),
    role: 'id' as const,
    count: id.reduce((sum, [, summary]) => sum + readable(summary), 0),
  };
  const ood = all.filter(([, { roles }]) => roles.includes('ood'));
  return [
    ...(id.length > 0 ? [joined] : []),
    ...ood.map(([set, summary]) => ({ set, role: 'ood' as const, count: readable(summary) })),
  ];
}

/** The images of the smallest set behind a column: of the ID images and those of an OOD set, of a group, or of all for the average. */
function imagesBehind(column: string, { datasets, groups = {} }: Pick<TableSource, 'datasets' | 'groups'>): number {
  const members = isGroup(column, { groups }) ? groups[column]! : [column];
  const behind = comparedSets(datasets).filter(
    ({ set, role }) => role === 'id' || members.includes(set) || column === averageOfSets,
  );
  return Math.min(...behind.map(({ count }) => count));
}

export const isGroup = (name: string, { groups = {} }: Pick<TableSource, 'groups'>) => Object.hasOwn(groups, name);
