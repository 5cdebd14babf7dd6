// Promises for finitely many calibration scores, of which higher means more in-distribution. They hold where the images that are judged and
// those that calibrated came in an order that means nothing (exchangeable): drawn from the same place in the same way.
//
// Vovk, Gammerman, Shafer, "Algorithmic Learning in a Random World", 2005; Angelopoulos, Bates, "A Gentle Introduction to Conformal Prediction
// and Distribution-Free Uncertainty Quantification", 2023; Bates, Candès, Lei, Romano, Sesia, "Testing for Outliers with Conformal p-values",
// Annals of Statistics 51 (2023).
import { betaCdf } from './distributions.ts';

/** A number that means its decimal digits, as `0.05` or `'5e-2'`: 0.05 · 20 is 1. */
export type Decimal = number | string;

/**
 * The rank of a split conformal threshold, k = ⌊(n + 1) · α⌋: where an image is refused whose score is below the k-th smallest of n calibration
 * scores, a further image like them is refused with a probability of k / (n + 1) without ties, and of at most that with ties: over all that
 * might have calibrated. 0 where n is smaller than `leastForRank` says: nothing can be refused then.
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
 * The rank that keeps the promise for this very calibration set: the largest k with P(Beta(k, n + 1 − k) ≤ α) ≥ γ. With a probability of γ,
 * over sets of n independent images, a further image is refused with a probability of at most α. 0 where n is smaller than `leastForConfidence`
 * says.
 *
 * Vovk, "Conditional Validity of Inductive Conformal Predictors", 2012: without ties the share refused has that beta distribution, with ties it
 * is smaller.
 */
export function confidentRank(n: number, alpha: Decimal, confidence: Decimal): number {
  const [share, sure] = [Number(alpha), Number(confidence)];
  shareOf(alpha);
  shareOf(confidence);
  // The larger k, the less sure.
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

/** 1 − α, in digits: of 0.95 it is 0.05, which 1 − 0.95 is not. */
export function complement(share: Decimal): string {
  const { over, under } = shareOf(share);
  return `0.${String(under - over).padStart(String(under).length - 1, '0')}`;
}

/**
 * Conformal p value of an image, p = (1 + #{calibration scores ≤ s}) / (n + 1): if it is like those that calibrated, p is at most t with a
 * probability of at most t, and of t itself where t is a multiple of 1 / (n + 1) and there are no ties. A score that is NaN has 1 / (n + 1).
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
 * Which of some images are refused together, by their indices: Benjamini and Hochberg's rule at q on their conformal p values, all by the same n
 * calibration scores. For independent images the share of in-distribution images among those refused is, over calibration sets, at most q
 * times the share of in-distribution images among all (Bates et al. 2023, Theorem 2; the share of none is 0).
 */
export function conformalRejections(p: readonly number[], n: number, q: Decimal): number[] {
  const { over, under } = shareOf(q);
  const ranks = p.map((each) => Math.round(each * (n + 1)));
  const ascending = [...ranks].sort((a, b) => a - b);
  // The largest i with p₍ᵢ₎ ≤ i · q / m, in whole numbers.
  const last = ascending.findLastIndex(
    (rank, at) => BigInt(rank) * BigInt(p.length) * under <= BigInt(at + 1) * BigInt(n + 1) * over,
  );
  return last < 0 ? [] : [...ranks.keys()].filter((image) => ranks[image]! <= ascending[last]!);
}

/**
 * The smallest number of m images that `conformalRejections` could refuse at all, ⌈m / (q · (n + 1))⌉: where fewer lie below all n calibration
 * scores, and none beside, it refuses none. Above m, no images at all could be refused: more must calibrate.
 */
export function leastRejections(m: number, n: number, q: Decimal): number {
  const { over, under } = shareOf(q);
  const share = BigInt(n + 1) * over;
  return Number((BigInt(m) * under + share - 1n) / share);
}

/** The share as a fraction of a power of ten. */
function shareOf(decimal: Decimal): { readonly over: bigint; readonly under: bigint } {
  const [, whole, digits = '', exponent = '0'] = /^(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,3}))?$/i.exec(String(decimal)) ?? [];
  const places = digits.length - Number(exponent);
  const over = BigInt(`${whole ?? ''}${digits}` || '0') * 10n ** BigInt(Math.max(-places, 0));
  const under = 10n ** BigInt(Math.max(places, 0));
  if (over > 0n && over < under) return { over, under };
  throw new RangeError(`a share is between 0 and 1, not ${decimal}`);
}
