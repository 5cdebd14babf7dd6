import { defineScorer, z, type NetworkView } from '@farout/core';
import { firstLargest, grad, signOf, type Tensor } from '@farout/tensor';

/**
 * ODIN: the largest softmax probability at temperature T, after moving the image a step ε that makes the network more confident,
 *
 * S(x) = maxₖ softmax(f(x̃) / T)ₖ,   x̃ = x − ε · sign(∇ₓ −log softmax(f(x) / T)_y),   y = argmaxₖ f(x)ₖ,   sign(0) = +1.
 *
 * Liang, Li, Srikant, "Enhancing The Reliability of Out-of-distribution Image Detection in Neural Networks", ICLR 2018; step and sign as in
 * the code of Sun et al., "ReAct", NeurIPS 2021 (`score.py`). The class y of the loss is predicted by the logits before they are divided by
 * T (the first of equal logits): at T = 1000, the probabilities of logits closer than 7·10⁻⁵ are equal in float32. With hooks, y comes from
 * the hooked logits, and the gradient passes through the hooks.
 *
 * image x, normalised float32 (N, 3, H, W) → score, (N,), in (0, 1]; with T = 1000 near 1 / K; higher = more
 * in-distribution.
 */
export const odin = defineScorer({
  name: 'odin',
  about: {
    summary:
      'The largest softmax probability at temperature T, after moving the image a step ε that makes the network more confident.',
    formula: 'S(x) = maxₖ softmax(f(x̃) / T)ₖ,  x̃ = x − ε · sign(∇ₓ −log softmax(f(x) / T)_y),  y = argmaxₖ f(x)ₖ',
    source:
      'Liang, Li, Srikant, "Enhancing The Reliability of Out-of-distribution Image Detection in Neural Networks", ICLR 2018',
    family: 'gradient',
    cost: 'Two forward passes and one backward pass per image.',
    defaults: 'T = 1000 as in the paper, ε = 0.005 as in the code of ReAct for ResNet-50',
  },
  params: z.object({
    temperature: z.number().positive().default(1000).describe('T, unitless; 1000 in the paper'),
    magnitude: z.number().min(0).default(0.005).describe('ε, in `units`; 0.005 for ResNet-50 in the code of ReAct'),
    units: z
      .enum(['normalised', 'pixel'])
      .default('normalised')
      .describe('units of ε: the normalised input, or pixels in 0..1 (the step is divided by std, as in OpenOOD)'),
  }),
  presets: {
    // OpenOOD 1.5, configs/postprocessors/odin.yml, `postprocessor_sweep`.
    openood: { temperature: { sweep: [1, 10, 100, 1000] }, magnitude: { sweep: [0.0014, 0.0028] }, units: 'pixel' },
  },
  score: (network, { temperature, magnitude, units }) => {
    const step = directionOf(lossGradient(network, temperature), network, units);
    return surestAt(network.image.sub(step.mul(magnitude)), network, temperature);
  },
});

/** ∇ₓ −log softmax(f(x) / T)_y, (N, 3, H, W). */
export function lossGradient({ image, logitsOf }: NetworkView, T: number): Tensor {
  const logits = logitsOf(image);
  const scaled = logits.div(T);
  const loss = scaled.logSumExp().sub(firstLargest(logits).where(scaled, 0).sum());
  return grad(loss.sum(), image);
}

/** The sign of a gradient in `units` of ε; a step against it makes the network more confident. */
export function directionOf(gradient: Tensor, { std }: NetworkView, units: 'normalised' | 'pixel'): Tensor {
  const direction = signOf(gradient);
  return units === 'pixel' ? direction.div(std) : direction;
}

/** maxₖ softmax(f(x) / T)ₖ of an image. */
export const surestAt = (image: Tensor, { logitsOf }: NetworkView, T: number): Tensor =>
  logitsOf(image).div(T).softmax().max();
