import type { PageColumn } from './page-data.ts';

/** The difference between a detector and the baseline in a column. */
export interface PageDifference {
  readonly detector: number;
  readonly difference: number;
  readonly error: number;
  /** p value adjusted by Holm. */
  readonly adjusted: number;
}

/** 1 − Φ(z) for z ≥ 0, to seven digits: a continued fraction for z > 3, a series otherwise. */
export function upperTail(z: number): number {
  if (z > 38) return 0;
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  if (z > 3) {
    let fraction = z;
    for (let k = 100; k > 0; k--) fraction = z + k / fraction;
    return density / fraction;
  }
  let [term, sum] = [z, z];
  for (let odd = 3; odd < 99; odd += 2) sum += term *= (z * z) / odd;
  return 0.5 - density * sum;
}

/** Holm-adjusted p values of some of `tests` tests; the other tests count as having the largest p values. */
export function holmOf(p: readonly number[], tests: number): number[] {
  const order = [...p.keys()].sort((a, b) => p[a]! - p[b]!);
  const adjusted = new Array<number>(p.length);
  let last = 0;
  for (const [rank, at] of order.entries()) adjusted[at] = last = Math.max(last, Math.min(p[at]! * (tests - rank), 1));
  return adjusted;
}

/** The standard error of the difference between two detectors; undefined if they were not compared. */
export function errorBetween({ rows, errors }: PageColumn, one: number, other: number): number | undefined {
  const [low, high] = [rows.indexOf(one), rows.indexOf(other)].sort((a, b) => a - b) as [number, number];
  if (low < 0 || low === high) return undefined;
  return errors[low * rows.length - (low * (low + 1)) / 2 + high - low - 1]! / 1e6;
}

/** The differences between all rows and a baseline; empty if the run did not test differences. */
export function differencesOf(column: PageColumn, baseline: number): PageDifference[] {
  const from = column.values[baseline];
  if (from === null || from === undefined) return [];
  const rows = column.values.flatMap((value, detector) => {
    const error = errorBetween(column, baseline, detector);
    return value === null || error === undefined ? [] : [{ detector, difference: value - from, error }];
  });
  const p = rows.map(({ difference, error }) => (difference === 0 ? 1 : 2 * upperTail(Math.abs(difference) / error)));
  const adjusted = holmOf(p, column.compared - 1);
  return rows.map((row, at) => ({ ...row, adjusted: adjusted[at]! }));
}

/** A difference in points, with its sign. */
export function signed(fraction: number): string {
  return `${fraction < 0 ? '−' : '+'}${Math.abs(100 * fraction).toFixed(2)}`;
}

/** `+1.20 points [+0.40, +2.00]`, with non-breaking spaces inside the two halves. */
export function differenceText({ difference, error }: Pick<PageDifference, 'difference' | 'error'>): string {
  if (difference === 0 && error === 0) return 'same ranking';
  const half = 1.959964 * error;
  return `${signed(difference)}\u00a0points [${signed(difference - half)},\u00a0${signed(difference + half)}]`;
}

export function pText(p: number): string {
  return p < 0.001 ? 'p\u00a0<\u00a00.001' : `p\u00a0=\u00a0${p.toFixed(3)}`;
}

/** `−3.10 points [−4.00, −2.20], better, p < 0.001` */
export function gainText(found: Omit<PageDifference, 'detector'>, better: 'higher' | 'lower'): string {
  if (found.difference === 0 && found.error === 0) return 'same ranking';
  return `${differenceText(found)}, ${verdictOf(found, better)}, ${pText(found.adjusted)}`;
}

/** The verdict on a difference. */
export function verdictOf(
  { difference, error, adjusted }: Omit<PageDifference, 'detector'>,
  better: 'higher' | 'lower',
): string {
  if (difference === 0 && error === 0) return 'same ranking';
  if (adjusted > 0.05) return 'not significant';
  return difference > 0 === (better === 'higher') ? 'better' : 'worse';
}
