import { defineScorer, z } from '@farout/core';
import type { Tensor } from '@farout/tensor';

/**
 * RankFeat: the energy of the logits after removing the leading singular component from intermediate maps,
 *
 * S(x) = T · log Σₖ exp(f̄ₖ / T),   f̄ the mean over taps of f(m − s₁ u₁ v₁ᵀ),   m (C, H · W) the map of a tap.
 *
 * v₁ v₁ᵀ, or u₁ u₁ᵀ where there are fewer channels than positions, is computed by squaring mᵀm, or mmᵀ, ten times, which leaves
 * (s₂ / s₁)²⁰⁴⁸ of the other directions. The authors' code uses a singular value decomposition, which ONNX graphs do not have. Where s₂ is close
 * to s₁, both are reduced instead of one removed.
 *
 * Song, Sebe, Wang, "RankFeat: Rank-1 Feature Removal for Out-of-distribution Detection", NeurIPS 2022; the last two stages of a ResNet
 * and T = 1 as in the authors' code.
 *
 * image → score, (N,), unbounded, higher = more in-distribution.
 */
export const rankfeat = defineScorer({
  name: 'rankfeat',
  about: {
    summary: 'The energy of the logits after removing the leading singular component from intermediate maps.',
    formula: 'S(x) = T · log Σₖ exp(f̄ₖ / T),  f̄ the mean over taps of f(m − s₁ u₁ v₁ᵀ)',
    source: 'Song, Sebe, Wang, "RankFeat: Rank-1 Feature Removal for Out-of-distribution Detection", NeurIPS 2022',
    family: 'maps',
    cost: 'For each tap, the stages after it once more and twelve products of a square matrix of its positions or channels, whichever are fewer; keeps 4 bytes per image.',
    defaults: 'the authors’ code, for ResNets',
  },
  params: z.object({
    taps: z
      .array(z.string())
      .min(1)
      .default(['layer3', 'layer4'])
      .describe('the maps whose leading singular component is removed, one at a time'),
    temperature: z.number().positive().default(1).describe('T, unitless; 1 in the authors’ code'),
  }),
  score: ({ tap, logitsFrom }, { taps, temperature: T }) =>
    taps
      .map((name) => logitsFrom(name, withoutLeading(tap(name))))
      .reduce((sum, logits) => sum.add(logits))
      .div(taps.length * T)
      .logSumExp()
      .mul(T),
});

const squarings = 10;

/** A map, (N, C, H, W), with the largest singular component of m (C, H · W) removed. */
function withoutLeading(map: Tensor): Tensor {
  const [images, channels, height, width] = map.shape;
  const places = Number(height) * Number(width);
  const m = map.cast('float64').reshape([images!, channels!, places]);
  const mt = m.transpose(0, 2, 1);
  const leading = Number(channels) < places ? projector(m.matmul(mt)).matmul(m) : m.matmul(projector(mt.matmul(m)));
  return m.sub(leading).cast('float32').reshape(map.shape);
}

/** v vᵀ of the leading eigenvector v of a positive semi-definite matrix. */
function projector(matrix: Tensor): Tensor {
  let power = unit(matrix);
  for (let n = 0; n < squarings; n++) power = unit(power.matmul(power));
  return power;
}

/** Scaled to norm 1, the norm of v vᵀ; zeros stay zero. */
const unit = (x: Tensor) => x.div(x.norm([1, 2], { keepDims: true }).maximum(1e-200));
