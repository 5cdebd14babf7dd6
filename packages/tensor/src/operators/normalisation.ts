import type { Tensor } from '../tensor.ts';

/**
 * The derivative of x̂ = (x − μ) / √(σ² + ε), mean and variance over `axes`, for the gradient g with respect to x̂:
 * (g − mean(g) − x̂ · mean(g · x̂)) / √(σ² + ε).
 */
export function normalisationGradient(x: Tensor, g: Tensor, axes: readonly number[], epsilon: number): Tensor {
  const mean = (values: Tensor) => values.mean(axes, { keepDims: true });
  const centred = x.sub(mean(x));
  const deviation = mean(centred.mul(centred)).add(epsilon).sqrt();
  const normal = centred.div(deviation);
  return g
    .sub(mean(g))
    .sub(normal.mul(mean(g.mul(normal))))
    .div(deviation);
}
