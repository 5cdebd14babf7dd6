// Whether more images are refused than promised, looked at as often as one likes: an e-process against Pólya's urn.
//
// Where no two scores are equal, the number refused follows the urn: after m images with r refused, the next is refused with a probability of
// (k + r) / (n + 1 + m). What an alternative gave each image, over what the urn gave it, is a test martingale M. It may be large by chance at
// some moment, but the probability that it ever reaches 1/α is at most α (Ville, 1939).
//
// With ties a threshold refuses a share that is unknown, and stochastically no larger than Beta(k, n + 1 − k). The likelihood of what was seen
// under any such law is at most D = E[max over p ≤ U of pʳ(1 − p)ᵐ⁻ʳ], U ~ Beta(k, n + 1 − k). So M · (the urn's likelihood) / D is never above
// a test martingale, whichever of these laws holds: the same bound, ties or not.
//
// Ramdas, Grünwald, Vovk, Shafer, "Game-Theoretic Statistics and Safe Anytime-Valid Inference", Statistical Science 38 (2023); Shiryaev, "On
// Optimum Methods in Quickest Detection Problems", Theory of Probability and Its Applications 8 (1963), for the recursion over moments of change.
import { type Promised, expectPromised } from './beta-binomial.ts';
import { betaCdf, logBetaCdf, logGamma } from './distributions.ts';

/** What a drift test has seen; it is all that one needs to go on. */
export interface DriftState {
  readonly images: number;
  readonly refused: number;
  /** For each of the eight alternatives, its prior of all moments of change so far, each times how well it predicted since. */
  readonly values: readonly number[];
}

/** A test that may be looked at after every image. */
export interface DriftTest {
  /** Counts one more image, in the order in which they come. */
  readonly add: (isRefused: boolean) => void;
  /**
   * E, from 1 on: without drift the probability that it ever reaches 1/α is at most α. It grows where more images are refused than promised, by
   * some e-fold for each 1 / KL(share, promised) images, and it shrinks slowly where they are not.
   */
  readonly evidence: () => number;
  /** Whether E has come up to this number; cheap where it is far from it. */
  readonly reaches: (limit: number) => boolean;
  readonly state: () => DriftState;
}

/**
 * Tests whether more images are refused than promised, from any moment on. The alternatives are that from some image on a share q is refused:
 * the odds of q are 1.5, 2.25, … 25.6 times those promised, with equal weights. The change lies before the first image with a prior of ½, and
 * behind the first m images, or nowhere, with a prior of ½ / (1 + ln(1 + (m − 1) / 1000)); all moments are kept, at a cost of eight numbers.
 *
 * @param from - What an earlier test of this promise has seen; of a new one when absent.
 * @throws RangeError for k outside 1 … n, and for a state that no test has had.
 */
export function driftTest(promised: Promised, from: DriftState = fresh): DriftTest {
  expectPromised(promised);
  expectState(from);
  const { k, n } = promised;
  const shares = alternatives(promised);
  const others = shares.map((share) => 1 - share);
  const values = Float64Array.from(from.values);
  let { images, refused } = from;
  let left = unchanged(images);
  const martingale = () => values.reduce((sum, value) => sum + value, left);
  const evidence = () => martingale() * forTies(images, refused, promised);
  return {
    add: (isRefused) => {
      const expected = (k + refused) / (n + 1 + images);
      const likelihoods = isRefused ? shares : others;
      const scale = 1 / (isRefused ? expected : 1 - expected);
      const next = unchanged(images + 1);
      const arriving = (left - next) / size;
      for (let at = 0; at < size; at++) {
        const value = (values[at]! + arriving) * likelihoods[at]! * scale;
        values[at] = value < highest ? value : highest;
      }
      left = next;
      images++;
      refused += Number(isRefused);
    },
    evidence,
    reaches: (limit) => martingale() >= limit && evidence() >= limit,
    state: () => ({ images, refused, values: [...values] }),
  };
}

const size = 8;
const step = 1.5;
const fresh: DriftState = { images: 0, refused: 0, values: new Array<number>(size).fill(0) };
/** What a value may grow to: one that is too low keeps the promise. */
const highest = 1e200;

function alternatives({ k, n }: Promised): Float64Array {
  const odds = k / (n + 1 - k);
  return Float64Array.from({ length: size }, (_, at) => 1 / (1 + 1 / (odds * step ** (at + 1))));
}

/** The prior of a change that comes behind the first so many images, or nowhere. It falls slowly, so that one after years is found as well. */
const unchanged = (images: number) => (images === 0 ? 1 : 0.5 / (1 + Math.log1p((images - 1) / 1000)));

/** The urn's likelihood of what was seen, over D: 1 / (I(ρ) + likelihood of ρ / likelihood of the urn · P(U > ρ)), ρ = r / m. */
function forTies(m: number, r: number, { k, n }: Promised): number {
  if (m === 0) return 1;
  const share = r / m;
  const urn = logBeta(k + r, n + 1 - k + m - r) - logBeta(k, n + 1 - k);
  const likeliest = (r > 0 ? r * Math.log(share) : 0) + (r < m ? (m - r) * Math.log1p(-share) : 0);
  const more = likeliest - urn + logBetaCdf(1 - share, n + 1 - k, k);
  return 1 / (betaCdf(share, k + r, n + 1 - k + m - r) + Math.exp(more));
}

const logBeta = (a: number, b: number) => logGamma(a) + logGamma(b) - logGamma(a + b);

function expectState({ images, refused, values }: DriftState): void {
  const isCount = (value: number) => Number.isSafeInteger(value) && value >= 0;
  const isValue = (value: number) => value >= 0 && value <= highest;
  if (isCount(images) && isCount(refused) && refused <= images && values.length === size && values.every(isValue))
    return;
  throw new RangeError('no drift test has had this state');
}
