/** The promise of a threshold: it rejects k of n + 1 images, on average over all possible calibration sets of n images. */
export interface Promised {
  /** 1 … n. */
  readonly k: number;
  readonly n: number;
}

/**
 * P(R ≥ r), where R is the number of rejected images among m that come from the same source as the n calibration images. If images with a
 * score below the k-th smallest calibration score are rejected, and no two scores are equal, R has the beta-binomial distribution of m, k
 * and n + 1 − k:
 *
 * P(R = r) = C(k + r − 1, r) · C(n − k + m − r, m − r) / C(n + m, m).
 *
 * With ties fewer are rejected, and the result is larger than P(R ≥ r), so it is a valid p value either way. Relative accuracy 1e-12 for m
 * up to 1e6, in both tails; the work is proportional to a few standard deviations of R.
 *
 * @throws RangeError for k outside 1 … n, or an invalid number of images.
 */
export function betaBinomialUpperTail(r: number, m: number, { k, n }: Promised): number {
  expectPromised({ k, n });
  if (!Number.isSafeInteger(r) || !isCount(m)) throw new RangeError(`images are counted, not ${r} of ${m}`);
  if (r <= 0 || r > m) return r <= 0 ? 1 : 0;
  const isUpper = r * (n + 1) > m * k;
  return isUpper ? tailFrom(r, m, k, n + 1 - k) : 1 - tailFrom(m - r + 1, m, n + 1 - k, k);
}

/** @throws RangeError for a rank outside 1 … n. */
export function expectPromised({ k, n }: Promised): void {
  if (!isCount(k) || !isCount(n) || k < 1 || k > n) throw new RangeError(`a rank is in 1 … n, not ${k} of ${n}`);
}

const isCount = (value: number) => Number.isSafeInteger(value) && value >= 0;

/** P(R ≥ r) of the beta-binomial distribution of m, a and b, above its mean: the first term, and each further one from the one before. */
function tailFrom(r: number, m: number, a: number, b: number): number {
  let [term, sum] = [1, 1];
  // With a, b ≥ 1 the terms have a single peak: a negligible term is followed by smaller ones.
  for (let at = r; at < m && term > sum * negligible; at++) {
    term *= ((m - at) / (at + 1)) * ((a + at) / (b + m - at - 1));
    sum += term;
  }
  return Math.exp(logProbability(r, m, a, b)) * sum;
}

const negligible = 1e-19;

/** ln P(R = r) from three binomial probabilities at the same p, whose logarithms do not cancel, unlike those of gamma functions. */
function logProbability(r: number, m: number, a: number, b: number): number {
  const all = a + b + m - 1;
  const [p, rest] = [m / all, (a + b - 1) / all];
  const [refused, others] = [logBinomial(r, a + r - 1, p, rest), logBinomial(m - r, b + m - r - 1, p, rest)];
  return refused + others - logBinomial(m, all, p, rest) + Math.log(rest);
}

/**
 * ln(C(n, x) · pˣ · (1 − p)ⁿ⁻ˣ), by Stirling's formula and the deviance.
 *
 * Loader, "Fast and Accurate Computation of Binomial Probabilities", 2000.
 *
 * @param rest - 1 − p, without its rounding.
 */
function logBinomial(x: number, n: number, p: number, rest: number): number {
  if (x === 0) return n * logShare(rest, p);
  if (x === n) return n * logShare(p, rest);
  const errors = stirlingError(n) - stirlingError(x) - stirlingError(n - x);
  const spread = Math.log((2 * Math.PI * x * (n - x)) / n) / 2;
  return errors - spread - deviance(x, n * p) - deviance(n - x, n * rest);
}

/** ln of a share, computed from the smaller of the share and its complement. */
const logShare = (share: number, rest: number) => (share < 0.5 ? Math.log(share) : Math.log1p(-rest));

/** x · ln(x / M) + M − x, of two numbers that may be close. */
function deviance(x: number, M: number): number {
  const v = (x - M) / (x + M);
  if (Math.abs(v) > 0.1) return x * Math.log(x / M) + M - x;
  let [power, sum] = [2 * x * v, (x - M) * v];
  for (let odd = 3, before = NaN; sum !== before; odd += 2) {
    before = sum;
    power *= v * v;
    sum += power / odd;
  }
  return sum;
}

/** The error of Stirling's formula: ln n! − ln(√(2πn) · (n / e)ⁿ), for n ≥ 1. */
function stirlingError(n: number): number {
  if (n < stirlingFrom) return logFactorial(n) - (n + 0.5) * Math.log(n) + n - Math.log(2 * Math.PI) / 2;
  return bernoulli.reduceRight((sum, term) => sum / (n * n) + term, 0) / n;
}

const stirlingFrom = 16;
/** B₂ₖ / (2k (2k − 1)). */
const bernoulli = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360_360];

/** Up to 15!, the logarithm of an exact integer. */
function logFactorial(n: number): number {
  let product = 1;
  for (let factor = 2; factor <= n; factor++) product *= factor;
  return Math.log(product);
}
