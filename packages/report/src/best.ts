import { averageOfSets, type MetricTraits, type PairedErrors } from '@farout/core';
import { notBeaten } from '@farout/statistics';
import { unshownPoints } from './choices.ts';
import { percent, readable } from './numbers.ts';
import type { TableSource } from './tables.ts';

/** With fewer images, the best of a column is chance: other images would put a different detector first about half the time. */
export const fewestImages = 100;

/** A row of a column; `value` is undefined if the run has no number for it. */
interface Ranked {
  readonly detector: string;
  readonly value: number | undefined;
}

/**
 * Who is best in a column. If the run has standard errors of differences (`tested`), all detectors that no other beats. Otherwise one
 * detector; several whose printed numbers are equal; or none, because all printed numbers are equal, there are too few images, or
 * there is nothing to compare.
 */
export interface Best {
  readonly kind: 'tested' | 'one' | 'several' | 'all-equal' | 'too-few-images' | 'none';
  /** The marked detectors; empty unless `kind` is `tested`, `one` or `several`. */
  readonly detectors: readonly string[];
  /** How many rows were compared; 0 if no differences were tested. */
  readonly compared: number;
}

/**
 * Finds the best of a column, for tables, pages and headlines alike. Without tests it compares printed numbers, so equal-looking numbers
 * are equal. Detectors in `unranked` are ignored.
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

/** The rows that no other row beats. The level accounts for rows that were compared but are not shown. */
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

/** Upper bound on the probability that the truly best row of a column is not marked. */
const familyLevel = 0.05;

/** Returns a function that looks up the standard error of the difference between two detectors by name. */
export function pairedError({ detectors, standardErrors }: PairedErrors): (one: string, other: string) => number {
  const places = new Map(detectors.map((detector, at) => [detector, at]));
  return (one, other) => {
    const [low, high] = [places.get(one)!, places.get(other)!].sort((a, b) => a - b);
    return low === high ? 0 : standardErrors[low! * detectors.length - (low! * (low! + 1)) / 2 + high! - low! - 1]!;
  };
}

/** Detectors excluded from a metric's ranking: all their scores are equal, or no threshold separates about 95 % of the ID images. */
export const unranked = (
  { at95 }: MetricTraits,
  { constant, tied = {} }: Pick<TableSource, 'constant' | 'tied'>,
): string[] => [...constant, ...(at95 === 'id' ? Object.keys(tied) : [])];

/** Images compared as one set. */
interface ComparedSet {
  readonly set: string;
  readonly role: 'id' | 'ood';
  readonly count: number;
}

/** The sets as they are compared: all ID sets joined into one, each OOD set by itself. */
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

/** The size of the smallest set behind a column: the ID images and the OOD set, the sets of the group, or all sets for the average. */
function imagesBehind(column: string, { datasets, groups = {} }: Pick<TableSource, 'datasets' | 'groups'>): number {
  const members = isGroup(column, { groups }) ? groups[column]! : [column];
  const behind = comparedSets(datasets).filter(
    ({ set, role }) => role === 'id' || members.includes(set) || column === averageOfSets,
  );
  return Math.min(...behind.map(({ count }) => count));
}

export const isGroup = (name: string, { groups = {} }: Pick<TableSource, 'groups'>) => Object.hasOwn(groups, name);
