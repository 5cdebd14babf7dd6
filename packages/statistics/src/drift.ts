// Tests whether more images are rejected than promised, and may be checked as often as one likes: an e-process against Pólya's urn.
//
// If no two scores are equal, the number of rejections follows the urn: after m images with r rejected, the next is rejected with
// probability (k + r) / (n + 1 + m). The likelihood of the images under an alternative, divided by their likelihood under the urn, is a
// test martingale M. It may be large by chance at some moment, but the probability that it ever reaches 1/α is at most α (Ville, 1939).
//
// With ties, a threshold rejects an unknown share that is stochastically no larger than Beta(k, n + 1 − k). The likelihood of the
// observations under any such law is at most D = E[max over p ≤ U of pʳ(1 − p)ᵐ⁻ʳ], U ~ Beta(k, n + 1 − k). So M · (the urn's likelihood) /
// D never exceeds a test martingale, whichever of these laws holds, and the same bound applies with and without ties.
//
// Ramdas, Grünwald, Vovk, Shafer, "Game-Theoretic Statistics and Safe Anytime-Valid Inference", Statistical Science 38 (2023); Shiryaev,
// "On Optimum Methods in Quickest Detection Problems", Theory of Probability and Its Applications 8 (1963), for the recursion over change
// points.
import { type Promised, expectPromised } from './beta-binomial.ts';
import { betaCdf, logBetaCdf, logGamma } from './distributions.ts';

/** The state of a drift test: all that is needed to resume it. */
export interface DriftState {
  readonly images: number;
  readonly refused: number;
  /** For each of the eight alternatives, the sum over all change points so far of their prior times the likelihood ratio since then. */
  readonly values: readonly number[];
}

/** A test that may be checked after every image. */
export interface DriftTest {
  /** Adds the next image, in order of arrival. */
  readonly add: (isRefused: boolean) => void;
  /**
   * E, which starts at 1: without drift, the probability that it ever reaches 1/α is at most α. It grows if more images are rejected than
   * promised, by a factor of about e for each 1 / KL(share, promised) images, and shrinks slowly otherwise.
   */
  readonly evidence: () => number;
  /** Whether E has reached this limit; cheap if E is far from it. */
  readonly reaches: (limit: number) => boolean;
  readonly state: () => DriftState;
}

/**
 * Tests whether, from any moment on, more images are rejected than promised. The alternatives are that from some image on a share q is
 * rejected, where the odds of q are 1.5, 2.25, … 25.6 times those promised, with equal weights. The change comes before the first image
 * with prior ½, and after the first m images, or never, with prior ½ / (1 + ln(1 + (m − 1) / 1000)). All change points are kept, at a cost
 * of eight numbers.
 *
 * @param from - The state of an earlier test of this promise; by default a new test starts.
 * @throws RangeError for k outside 1 … n, or an impossible state.
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
/** The cap on a value; too low a value still keeps the promise. */
const highest = 1e200;

function alternatives({ k, n }: Promised): Float64Array {
  const odds = k / (n + 1 - k);
  return Float64Array.from({ length: size }, (_, at) => 1 / (1 + 1 / (odds * step ** (at + 1))));
}

/** The prior of a change after the first `images` images, or never. It falls slowly, so that a change after years is still found. */
const unchanged = (images: number) => (images === 0 ? 1 : 0.5 / (1 + Math.log1p((images - 1) / 1000)));

/** The urn's likelihood of the observations, divided by D: 1 / (I(ρ) + likelihood of ρ / likelihood of the urn · P(U > ρ)), ρ = r / m. */
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
