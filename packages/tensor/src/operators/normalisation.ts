import type { Tensor } from '../tensor.ts';

/** x̂ = (x − μ) / √(σ² + ε), mean and variance over `axes`, and what it was divided by. */
export function normalise(x: Tensor, axes: readonly number[], epsilon: number): { normal: Tensor; deviation: Tensor } {
  const centred = x.sub(mean(x, axes));
  const deviation = mean(centred.mul(centred), axes).add(epsilon).sqrt();
  return { normal: centred.div(deviation), deviation };
}

/** The derivative of x̂ for the gradient g with respect to it: (g − mean(g) − x̂ · mean(g · x̂)) / √(σ² + ε). */
export function normalisationGradient(x: Tensor, g: Tensor, axes: readonly number[], epsilon: number): Tensor {
  const { normal, deviation } = normalise(x, axes, epsilon);
  return g
    .sub(mean(g, axes))
    .sub(normal.mul(mean(g.mul(normal), axes)))
    .div(deviation);
}

const mean = (values: Tensor, axes: readonly number[]) => values.mean(axes, { keepDims: true });
