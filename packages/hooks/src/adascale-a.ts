import { defineHook } from '@farout/core';
import { adascaleParams, adascalePresets, adascaleRatio, learnShifts, perturbedFeatures } from './adascale.ts';
import { scaledBy } from './largest-units.ts';

/**
 * AdaSCALE-A: features scaled by how little of their sum lies in the largest ones, of which fewer count the steadier an image is,
 *
 * h̄ = h · eʳ,   r = Σ max(h, 0) / Σ_{D − [D · p / 100] largest} max(h, 0),   p = p₁ − F(Q) · (p₁ − p₀),
 * Q = λ · Σ_{k₂ largest h} |h − h̃| + Σ_{k₁ largest h} max(h̃, 0).
 *
 * h̃ are the features of the image whose share o of pixels with the smallest |∇ₓ maxₖ f| is moved by 0.5 · sign ∇ₓ; F(Q) is the share
 * of the fit set that has no larger Q. k₁ and k₂ are percentages of D, cut to whole channels: below D = 100 the k₂ of 1 % is no
 * channel, and the shift does not count.
 *
 * Regmi, "AdaSCALE: Adaptive Scaling for OOD Detection", 2025; code of OpenOOD, `adascale_postprocessor.py`: the authors' own
 * exchanges k₁ and k₂ in F. Where a derivative is taken, as by ODIN, p is a constant. 5,000 images of the fit set, evenly spread, make
 * F; the authors draw them.
 *
 * features h, shape (N, D) → (N, D). `readings.perturbed`: h̃, (N, D); `learnt.usual`: the Q of the fit set, float32.
 */
export const adascaleA = defineHook({
  name: 'adascale-a',
  about: {
    summary: 'SCALE whose percentile is lower for images whose largest features a small perturbation moves less.',
    formula: 'h̄ = h · eʳ,  r = Σ h / Σ_{D − [D · p / 100] largest} h,  p = p₁ − F(Q) · (p₁ − p₀)',
    source: 'Regmi, "AdaSCALE: Adaptive Scaling for OOD Detection", 2025',
    family: 'gradient',
    cost: 'A pass over the images with a gradient and a second way through the network; it keeps 5,000 numbers.',
    defaults: 'p from 75 to 85, k₁ = 5 %, k₂ = 1 %, λ = 10, o = 0.05, as in OpenOOD',
  },
  params: adascaleParams,
  presets: adascalePresets,
  readings: (network, own) => ({ perturbed: perturbedFeatures(network, own) }),
  fit: learnShifts,
  features: (h, own, at) => scaledBy(h, adascaleRatio(h, own, at)),
});
