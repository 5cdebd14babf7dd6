/** A Weibull distribution: P(x ≤ t) = 1 − exp(−(t / scale)^shape), t ≥ 0. */
export interface Weibull {
  readonly scale: number;
  readonly shape: number;
}

/**
 * The Weibull distribution of the greatest likelihood for two positive numbers or more; NaN where one of them is not finite. The
 * likelihood of equal numbers has no bound: for them it is a step, of the shape 10¹².
 *
 * With y = log x less its maximum, the shape κ is the one zero of Σ e^(κy) y / Σ e^(κy) − 1 / κ − mean y, which rises with κ; Newton's
 * method finds it from the κ of the deviation of y, π / (√6 · sd). The scale follows, λ = (mean x^κ)^(1 / κ).
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

/** The shape of a step, wide enough for what sums round. */
const step = 1e12;

const average = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
