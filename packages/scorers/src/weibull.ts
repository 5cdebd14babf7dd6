/** A Weibull distribution: P(x ≤ t) = 1 − exp(−(t / scale)^shape), t ≥ 0. */
export interface Weibull {
  readonly scale: number;
  readonly shape: number;
}

/**
 * The maximum-likelihood Weibull distribution of two or more positive numbers; NaN if one of them is not finite. The likelihood of equal
 * numbers is unbounded: for them the result is a step, with shape 10¹².
 *
 * With y = log x minus its maximum, the shape κ is the only zero of Σ e^(κy) y / Σ e^(κy) − 1 / κ − mean y, which increases with κ.
 * Newton's method finds it, starting at π / (√6 · sd), the κ that matches the standard deviation of y. The scale follows,
 * λ = (mean x^κ)^(1 / κ).
 */
export function fitWeibull(values: readonly number[]): Weibull {
  const logs = values.map(Math.log);
  const largest = Math.max(...logs);
  const y = logs.map((each) => each - largest);
  const mean = average(y);
  const deviation = Math.sqrt(y.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (y.length - 1));
  if (deviation < 1 / step) return { scale: Math.exp(largest), shape: step };
  let shape = Math.PI / (Math.sqrt(6) * deviation);
  for (let i = 0; i < 100; i++) {
    const weights = y.map((each) => Math.exp(shape * each));
    const sum = weights.reduce((a, b) => a + b);
    const expected = y.reduce((all, each, at) => all + weights[at]! * each, 0) / sum;
    const variance = y.reduce((all, each, at) => all + weights[at]! * (each - expected) ** 2, 0) / sum;
    const newton = shape - (expected - 1 / shape - mean) / (variance + 1 / shape ** 2);
    const next = newton > 0 ? newton : shape / 2;
    const moved = Math.abs(next - shape);
    shape = next;
    if (moved <= 1e-14 * shape) break;
  }
  const power = average(y.map((each) => Math.exp(shape * each)));
  return { scale: Math.exp(largest + Math.log(power) / shape), shape };
}

/** The shape of a step; leaves room for rounding in sums. */
const step = 1e12;

const average = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
