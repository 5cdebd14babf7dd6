import { betaCdf, normalCdf, normalQuantile } from './distributions.ts';

/** The two-sided p value: the probability of a difference at least this large if there were none; 1 if there is neither difference nor variance. */
export const twoSidedP = (difference: number, standardError: number): number =>
  difference === 0 ? 1 : 2 * normalCdf(-Math.abs(difference) / standardError);

/**
 * The indices of the rows that no other row beats. A row is beaten if another is better by more than a one-sided test of the two at level /
 * (k − 1) allows, where k is the number of rows. The truly best row is therefore among them with probability 1 − level or more, however the
 * rows depend on each other. A row without a value (NaN) does not count towards k; a comparison with a NaN error beats nothing.
 *
 * @param errorOf - The standard error of the difference of two rows on the same images.
 */
export function notBeaten(
  values: readonly number[],
  errorOf: (a: number, b: number) => number,
  better: 'higher' | 'lower',
  level = 0.05,
): number[] {
  const rows = [...values.keys()].filter((row) => !Number.isNaN(values[row]));
  const z = -normalQuantile(level / Math.max(rows.length - 1, 1));
  const sign = better === 'higher' ? 1 : -1;
  const beats = (other: number, row: number) => sign * (values[other]! - values[row]!) > z * errorOf(other, row);
  return rows.filter((row) => !rows.some((other) => beats(other, row)));
}

/** The probability of k or more successes out of n, each with probability p. */
export const binomialUpperTail = (k: number, n: number, p: number): number => (k <= 0 ? 1 : betaCdf(p, k, n - k + 1));

/**
 * Holm's adjusted p values, in the given order. Rejecting those up to α keeps the probability of any false rejection at or below α, however
 * the tests depend on each other. Holm, Scandinavian Journal of Statistics 6 (1979).
 */
export const holm = (p: readonly number[]): number[] => adjusted(p, (value, rank) => value * (p.length - rank), 'up');

/**
 * Benjamini and Hochberg's adjusted p values, in the given order. Rejecting those up to q keeps the expected share of false rejections at
 * or below q, for tests that are independent or positively dependent. Journal of the Royal Statistical Society B 57 (1995).
 */
export const benjaminiHochberg = (p: readonly number[]): number[] =>
  adjusted(p, (value, rank) => (value * p.length) / (rank + 1), 'down');

/**
 * Adjusts by rank and keeps the values monotonic: none is smaller than the one before it ('up', from the smallest), or larger than the one
 * after it ('down').
 */
function adjusted(
  p: readonly number[],
  by: (value: number, rank: number) => number,
  direction: 'up' | 'down',
): number[] {
  const order = p.map((_, at) => at).sort((a, b) => p[a]! - p[b]!);
  const values = order.map((at, rank) => Math.min(by(p[at]!, rank), 1));
  const keep = direction === 'up' ? Math.max : Math.min;
  const ranks = direction === 'up' ? values.keys() : [...values.keys()].reverse();
  const result = new Array<number>(p.length);
  let last: number | undefined;
  for (const rank of ranks)
    result[order[rank]!] = last = last === undefined ? values[rank]! : keep(last, values[rank]!);
  return result;
}
