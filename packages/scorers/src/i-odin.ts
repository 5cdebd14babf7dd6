import { defineScorer, z } from '@farout/core';
import { firstLargest } from '@farout/tensor';
import { directionOf, lossGradient, surestAt } from './odin.ts';

/**
 * i-ODIN: ODIN whose step changes a single value of the image, the one with the largest gradient of the loss:
 *
 * S(x) = maxₖ softmax(f(x̃) / T)ₖ,   x̃ᵢ = xᵢ − ε · sign(gᵢ) for i = argmaxⱼ |gⱼ| alone,   g = ∇ₓ −log softmax(f(x) / T)_y,
 * y = argmaxₖ f(x)ₖ,   sign(0) = +1.
 *
 * i runs over all channels of all pixels; among equal gradients the first is changed. Loss and units are those of `odin`.
 *
 * Regmi, "Image-based Outlier Synthesis With Training Data", arXiv 2411.10794, 2024; the author's code in OpenOOD.
 *
 * image x, normalised float32 (N, 3, H, W) → score, (N,), in (0, 1]; with T = 1000 near 1 / K; higher = more in-distribution.
 */
export const iOdin = defineScorer({
  name: 'i-odin',
  about: {
    summary: 'ODIN that changes only one value of the image, the one with the largest gradient of the loss.',
    formula:
      'S(x) = maxₖ softmax(f(x̃) / T)ₖ,  x̃ᵢ = xᵢ − ε · sign(gᵢ) for i = argmaxⱼ |gⱼ| alone,  g = ∇ₓ −log softmax(f(x) / T)_y',
    source: 'Regmi, "Image-based Outlier Synthesis With Training Data", arXiv 2411.10794, 2024',
    family: 'gradient',
    cost: 'A gradient and a second forward pass per image; learns nothing.',
    defaults: "the author's in OpenOOD",
  },
  params: z.object({
    temperature: z.number().positive().default(1000).describe('T, unitless; 1000 in OpenOOD'),
    magnitude: z.number().min(0).default(0.0014).describe('ε, in `units`; 0.0014 in OpenOOD'),
    units: z
      .enum(['pixel', 'normalised'])
      .default('pixel')
      .describe('units of ε: pixels in 0..1 (the step is divided by std), or the normalised input'),
  }),
  presets: {
    // OpenOOD 1.5, configs/postprocessors/iodin.yml, `postprocessor_sweep`.
    openood: { temperature: { sweep: [1, 10, 100, 1000] }, magnitude: { sweep: [0.0014, 0.0028] }, units: 'pixel' },
  },
  score: (network, { temperature, magnitude, units }) => {
    const g = lossGradient(network, temperature);
    const step = firstLargest(g.abs(), [1, 2, 3]).where(directionOf(g, network, units), 0);
    return surestAt(network.image.sub(step.mul(magnitude)), network, temperature);
  },
});
