import { defineHook } from '@farout/core';
import { adascaleParams, adascalePresets, adascaleRatio, learnShifts, perturbedFeatures } from './adascale.ts';

/**
 * AdaSCALE-L: LTS with a percentile per image. The less a small perturbation changes an image's features, the fewer of them count as large,
 * and the more its logits are scaled up,
 *
 * f̄ = f · r²,   with r, p, Q and h̃ as in `adascale-a`.
 *
 * Regmi, "AdaSCALE: Adaptive Scaling for OOD Detection", 2025; code of OpenOOD, `adascale_postprocessor.py`, because the authors' own swaps
 * k₁ and k₂ in F. Gradients, as in ODIN, treat p as a constant. h are the features after all hooks.
 *
 * features h, shape (N, D), and logits, (N, K) → (N, K). `readings.perturbed`: h̃, (N, D); `learnt.usual`: the Q of the fit set, float32.
 */
export const adascaleL = defineHook({
  name: 'adascale-l',
  about: {
    summary:
      'LTS with a percentile per image, which is lower if a small perturbation changes the largest features more.',
    formula: 'f̄ = f · r²,  r = Σ h / Σ_{D − [D · p / 100] largest} h,  p = p₁ − F(Q) · (p₁ − p₀)',
    source: 'Regmi, "AdaSCALE: Adaptive Scaling for OOD Detection", 2025',
    family: 'gradient',
    cost: 'One pass over the images with a gradient and a second forward pass; keeps 5,000 numbers.',
    defaults: 'p from 75 to 85, k₁ = 5 %, k₂ = 1 %, λ = 10, o = 0.05, as in OpenOOD',
  },
  params: adascaleParams,
  presets: adascalePresets,
  readings: (network, own) => ({ perturbed: perturbedFeatures(network, own) }),
  fit: learnShifts,
  logits: (f, own, at) => f.mul(adascaleRatio(at.features, own, at).pow(2)),
});
