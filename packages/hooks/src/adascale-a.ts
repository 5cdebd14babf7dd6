import { defineHook } from '@farout/core';
import { adascaleParams, adascalePresets, adascaleRatio, learnShifts, perturbedFeatures } from './adascale.ts';
import { scaledBy } from './largest-units.ts';

/**
 * AdaSCALE-A: SCALE with a percentile per image. The less a small perturbation changes an image's features, the fewer of them count as
 * large, and the more they are all scaled up,
 *
 * h̄ = h · eʳ,   r = Σ max(h, 0) / Σ_{D − [D · p / 100] largest} max(h, 0),   p = p₁ − F(Q) · (p₁ − p₀),
 * Q = λ · Σ_{k₂ largest h} |h − h̃| + Σ_{k₁ largest h} max(h̃, 0).
 *
 * h̃ are the features after the share o of the pixels with the smallest |∇ₓ maxₖ f| is moved by 0.5 · sign ∇ₓ. F(Q) is the share of the fit
 * set whose Q is not larger. k₁ and k₂ are percentages of D, rounded down to whole channels: below D = 100, a k₂ of 1 % is zero channels,
 * and the shift does not count.
 *
 * Regmi, "AdaSCALE: Adaptive Scaling for OOD Detection", 2025; code of OpenOOD, `adascale_postprocessor.py`, because the authors' own swaps
 * k₁ and k₂ in F. Gradients, as in ODIN, treat p as a constant. F is learnt from 5,000 evenly spaced images of the fit set; the authors
 * draw them at random.
 *
 * features h, shape (N, D) → (N, D). `readings.perturbed`: h̃, (N, D); `learnt.usual`: the Q of the fit set, float32.
 */
export const adascaleA = defineHook({
  name: 'adascale-a',
  about: {
    summary:
      'SCALE with a percentile per image, which is lower if a small perturbation changes the largest features more.',
    formula: 'h̄ = h · eʳ,  r = Σ h / Σ_{D − [D · p / 100] largest} h,  p = p₁ − F(Q) · (p₁ − p₀)',
    source: 'Regmi, "AdaSCALE: Adaptive Scaling for OOD Detection", 2025',
    family: 'gradient',
    cost: 'One pass over the images with a gradient and a second forward pass; keeps 5,000 numbers.',
    defaults: 'p from 75 to 85, k₁ = 5 %, k₂ = 1 %, λ = 10, o = 0.05, as in OpenOOD',
  },
  params: adascaleParams,
  presets: adascalePresets,
  readings: (network, own) => ({ perturbed: perturbedFeatures(network, own) }),
  fit: learnShifts,
  features: (h, own, at) => scaledBy(h, adascaleRatio(h, own, at)),
});
