/** Φ(z), the share of a standard normal distribution below z; relative accuracy 1e-14 in both tails. */
export const normalCdf = (z: number): number => (z > 0 ? 1 - upperTail(z) : upperTail(-z));

/** 1 − Φ(z) for z ≥ 0, without the cancellation. */
function upperTail(z: number): number {
  if (z > farTail) return 0;
  return z < seriesUpTo ? 0.5 - density(z) * series(z) : density(z) / fraction(z);
}

/** From here on, the tail is 0 in float64. */
const farTail = 39;
const seriesUpTo = 3;

const density = (z: number) => Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);

/** (Φ(z) − ½) / density: z + z³/3 + z⁵/(3·5) + … */
function series(z: number): number {
  let [term, sum] = [z, z];
  for (let odd = 3; term > sum * Number.EPSILON; odd += 2) {
    term *= (z * z) / odd;
    sum += term;
  }
  return sum;
}

/** density / (1 − Φ(z)): z + 1/(z + 2/(z + 3/(z + …))). */
function fraction(z: number): number {
  let value = z;
  for (let k = fractionTerms; k > 0; k--) value = z + k / value;
  return value;
}

const fractionTerms = 200;

/** The z with Φ(z) = p, for p in 0..1: Newton's method on the logarithm of the nearer tail. */
export function normalQuantile(p: number): number {
  expectProbability(p);
  if (p > 0.5) return -normalQuantile(1 - p);
  if (p === 0) return -Infinity;
  // Far in the tail, −z is about √(−2 ln p).
  let z = p < 0.02 ? -Math.sqrt(-2 * Math.log(p)) : 0;
  for (let step = 1, turns = 0; Math.abs(step) > tolerance * (1 + Math.abs(z)) && turns < mostTurns; turns++) {
    const tail = normalCdf(z);
    step = (Math.log(tail / p) * tail) / density(z);
    z -= step;
  }
  return z;
}

const tolerance = 1e-15;
const mostTurns = 60;

/** The p-quantile of Student's t distribution; the degrees of freedom may be any number above 0. */
export function studentQuantile(p: number, degrees: number): number {
  if (degrees > nearlyNormal) return bentNormal(normalQuantile(p), degrees);
  // t² / (ν + t²) has a beta distribution, and so has ν / (ν + t²), which is accurate when it is small.
  const share = betaQuantile(Math.abs(2 * p - 1), 0.5, degrees / 2);
  const rest = share < 0.5 ? 1 - share : betaQuantile(2 * Math.min(p, 1 - p), degrees / 2, 0.5);
  return Math.sign(p - 0.5) * Math.sqrt((degrees * share) / rest);
}

/** From here on, the expansion is exact in float64. */
const nearlyNormal = 1e5;

/** Student's quantile from the normal one by its expansion in 1/ν (Cornish, Fisher). */
const bentNormal = (z: number, degrees: number) =>
  Number.isFinite(z) ? z + (z ** 3 + z) / (4 * degrees) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * degrees ** 2) : z;

/** ln Γ(x), x > 0, by Stirling's series from 15 up, and below that by Γ(x + 1) = x·Γ(x). */
export function logGamma(x: number): number {
  let [shift, y] = [0, x];
  for (; y < stirlingFrom; y++) shift += Math.log(y);
  const series = bernoulli.reduceRight((sum, term) => sum / (y * y) + term, 0) / y;
  return (y - 0.5) * Math.log(y) - y + Math.log(2 * Math.PI) / 2 + series - shift;
}

const stirlingFrom = 15;
/** B₂ₖ / (2k (2k − 1)). */
const bernoulli = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188];

/** Iₓ(a, b), the share of a beta distribution below x; a, b > 0. */
export function betaCdf(x: number, a: number, b: number): number {
  if (x <= 0 || x >= 1 || Number.isNaN(x)) return Math.min(Math.max(x, 0), 1);
  // The fraction converges fast on one side of the mean.
  return x > (a + 1) / (a + b + 2) ? 1 - betaTail(1 - x, b, a) : betaTail(x, a, b);
}

/** ln Iₓ(a, b), also where Iₓ(a, b) is 0 in float64. */
export function logBetaCdf(x: number, a: number, b: number): number {
  if (x <= 0 || x >= 1 || Number.isNaN(x)) return Math.log(betaCdf(x, a, b));
  if (x > (a + 1) / (a + b + 2)) return Math.log1p(-betaTail(1 - x, b, a));
  return betaScale(x, a, b) + Math.log(betaFraction(x, a, b) / a);
}

const betaTail = (x: number, a: number, b: number) => (Math.exp(betaScale(x, a, b)) * betaFraction(x, a, b)) / a;

const betaScale = (x: number, a: number, b: number) =>
  logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x);

/** The continued fraction of the incomplete beta function, by Lentz's method. */
function betaFraction(x: number, a: number, b: number): number {
  let [c, d] = [1, 1 / apart(1 - ((a + b) * x) / (a + 1))];
  let value = d;
  for (let m = 1; m <= mostTerms; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    const before = value;
    for (const term of [even, odd]) {
      d = 1 / apart(1 + term * d);
      c = apart(1 + term / c);
      value *= c * d;
    }
    if (Math.abs(value - before) <= Number.EPSILON * Math.abs(value)) return value;
  }
  throw new RangeError(`the beta distribution with a = ${a} and b = ${b} is out of reach`);
}

/** Keeps a step of the fraction from dividing by 0. */
const apart = (value: number) => (Math.abs(value) < smallest ? smallest : value);
const smallest = 1e-300;
const mostTerms = 100_000;

/** The x with Iₓ(a, b) = p, for p in 0..1, by bisection. */
export function betaQuantile(p: number, a: number, b: number): number {
  expectProbability(p);
  if (p === 0 || p === 1) return p;
  let [low, high] = [0, 1];
  for (let middle = 0.5; low < middle && middle < high; middle = (low + high) / 2) {
    if (betaCdf(middle, a, b) < p) low = middle;
    else high = middle;
  }
  return high;
}

function expectProbability(p: number): void {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`a quantile is of a probability in 0..1, not of ${p}`);
}
