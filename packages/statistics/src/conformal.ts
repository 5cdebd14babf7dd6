// Guarantees from finitely many calibration scores; higher scores mean more in-distribution. They hold if the judged images and the
// calibration images are exchangeable: drawn from the same source in the same way.
//
// Vovk, Gammerman, Shafer, "Algorithmic Learning in a Random World", 2005; Angelopoulos, Bates, "A Gentle Introduction to Conformal Prediction
// and Distribution-Free Uncertainty Quantification", 2023; Bates, Candès, Lei, Romano, Sesia, "Testing for Outliers with Conformal p-values",
// Annals of Statistics 51 (2023).
import { betaCdf } from './distributions.ts';

/** A number taken as its decimal digits, such as `0.05` or `'5e-2'`: 0.05 · 20 is exactly 1. */
export type Decimal = number | string;

/**
 * The rank of a split conformal threshold, k = ⌊(n + 1) · α⌋. If images with a score below the k-th smallest of n calibration scores are
 * rejected, a further image from the same source is rejected with probability k / (n + 1) without ties, and at most that with ties,
 * averaged over calibration sets. 0 if n is smaller than `leastForRank`: then nothing can be rejected.
 */
export const conformalRank = (n: number, alpha: Decimal): number => {
  const { over, under } = shareOf(alpha);
  return Number((BigInt(n + 1) * over) / under);
};

/** The smallest n whose `conformalRank` is 1: ⌈1 / α⌉ − 1. */
export const leastForRank = (alpha: Decimal): number => {
  const { over, under } = shareOf(alpha);
  return Number((under + over - 1n) / over) - 1;
};

/**
 * The rank that keeps the promise for the calibration set at hand: the largest k with P(Beta(k, n + 1 − k) ≤ α) ≥ γ. With probability γ,
 * over calibration sets of n independent images, a further image is rejected with probability at most α. 0 if n is smaller than
 * `leastForConfidence`.
 *
 * Vovk, "Conditional Validity of Inductive Conformal Predictors", 2012: without ties the share rejected has that beta distribution; with
 * ties it is smaller.
 */
export function confidentRank(n: number, alpha: Decimal, confidence: Decimal): number {
  const [share, sure] = [Number(alpha), Number(confidence)];
  shareOf(alpha);
  shareOf(confidence);
  // The larger k, the lower the confidence.
  let [low, high] = [0, n + 1];
  while (low + 1 < high) {
    const k = (low + high) >> 1;
    if (betaCdf(share, k, n + 1 - k) >= sure) low = k;
    else high = k;
  }
  return low;
}

/** The smallest n whose `confidentRank` is 1 or more: the first with 1 − (1 − α)ⁿ ≥ γ. */
export function leastForConfidence(alpha: Decimal, confidence: Decimal): number {
  let n = Math.max(1, Math.floor(Math.log1p(-Number(confidence)) / Math.log1p(-Number(alpha))) - 1);
  while (confidentRank(n, alpha, confidence) < 1) n++;
  return n;
}

/** 1 − α in decimal digits: 0.05 for 0.95, whereas 1 − 0.95 in floating point is not 0.05. */
export function complement(share: Decimal): string {
  const { over, under } = shareOf(share);
  return `0.${String(under - over).padStart(String(under).length - 1, '0')}`;
}

/**
 * The conformal p value of an image, p = (1 + #{calibration scores ≤ s}) / (n + 1). If the image comes from the same source as the
 * calibration images, p ≤ t has probability at most t, and exactly t if t is a multiple of 1 / (n + 1) and there are no ties. A NaN score
 * has p = 1 / (n + 1).
 */
export function conformalP(score: number, ascending: ArrayLike<number>): number {
  let [low, high] = [0, Number.isNaN(score) ? 0 : ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle]! <= score) low = middle + 1;
    else high = middle;
  }
  return (1 + low) / (ascending.length + 1);
}

/**
 * The indices of the images that Benjamini and Hochberg's rule rejects together at q, from their conformal p values on the same n
 * calibration scores. For independent images, the expected share of in-distribution images among the rejected ones, over calibration sets,
 * is at most q times the share of in-distribution images among all (Bates et al. 2023, Theorem 2; if none is rejected, the share is 0).
 */
export function conformalRejections(p: readonly number[], n: number, q: Decimal): number[] {
  const { over, under } = shareOf(q);
  const ranks = p.map((each) => Math.round(each * (n + 1)));
  const ascending = [...ranks].sort((a, b) => a - b);
  // The largest i with p₍ᵢ₎ ≤ i · q / m, in integers.
  const last = ascending.findLastIndex(
    (rank, at) => BigInt(rank) * BigInt(p.length) * under <= BigInt(at + 1) * BigInt(n + 1) * over,
  );
  return last < 0 ? [] : [...ranks.keys()].filter((image) => ranks[image]! <= ascending[last]!);
}

/**
 * The smallest number of m images that `conformalRejections` can reject at once, ⌈m / (q · (n + 1))⌉: if fewer lie below all n calibration
 * scores, and no other image has a small p value, it rejects none. A result above m means that no image can be rejected: more calibration
 * images are needed.
 */
export function leastRejections(m: number, n: number, q: Decimal): number {
  const { over, under } = shareOf(q);
  const share = BigInt(n + 1) * over;
  return Number((BigInt(m) * under + share - 1n) / share);
}

/** The share as a fraction over a power of ten. */
function shareOf(decimal: Decimal): { readonly over: bigint; readonly under: bigint } {
  const [, whole, digits = '', exponent = '0'] = /^(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,3}))?$/i.exec(String(decimal)) ?? [];
  const places = digits.length - Number(exponent);
  const over = BigInt(`${whole ?? ''}${digits}` || '0') * 10n ** BigInt(Math.max(-places, 0));
  const under = 10n ** BigInt(Math.max(places, 0));
  if (over > 0n && over < under) return { over, under };
  throw new RangeError(`a share is between 0 and 1, not ${decimal}`);
}
