import { defineScorer, z } from '@farout/core';
import type { Tensor } from '@farout/tensor';

/**
 * RankFeat: the energy of the logits that are left when maps on the way lose their leading singular vectors,
 *
 * S(x) = T · log Σₖ exp(f̄ₖ / T),   f̄ the mean over taps of f(m − s₁ u₁ v₁ᵀ),   m (C, H · W) the map of a tap.
 *
 * v₁ v₁ᵀ, or u₁ u₁ᵀ where channels are fewer than places, comes of squaring mᵀm, or mmᵀ, ten times: of the other directions (s₂ / s₁)²⁰⁴⁸ is left, where the authors' code has a singular value
 * decomposition, which no graph has. Where s₂ is next to s₁, both are somewhat lessened instead of one removed.
 *
 * Song, Sebe, Wang, "RankFeat: Rank-1 Feature Removal for Out-of-distribution Detection", NeurIPS 2022; the last two stages of a ResNet
 * and T = 1 as in the authors' code.
 *
 * image → score, (N,), unbounded, higher = more in-distribution.
 */
export const rankfeat = defineScorer({
  name: 'rankfeat',
  about: {
    summary: 'The energy of the logits that are left when maps on the way lose their leading singular vectors.',
    formula: 'S(x) = T · log Σₖ exp(f̄ₖ / T),  f̄ the mean over taps of f(m − s₁ u₁ v₁ᵀ)',
    source: 'Song, Sebe, Wang, "RankFeat: Rank-1 Feature Removal for Out-of-distribution Detection", NeurIPS 2022',
    family: 'maps',
    cost: 'For each tap the stages behind it once more, and twelve products of a matrix of its places or channels, whichever are fewer; 4 bytes of each image are kept.',
    defaults: 'the authors’ code, for ResNets',
  },
  params: z.object({
    taps: z
      .array(z.string())
      .min(1)
      .default(['layer3', 'layer4'])
      .describe('the maps that lose their leading singular vectors, each for itself'),
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

/** A map, (N, C, H, W), of which m (C, H · W) has lost its largest singular value. */
function withoutLeading(map: Tensor): Tensor {
  const [images, channels, height, width] = map.shape;
  const places = Number(height) * Number(width);
  const m = map.cast('float64').reshape([images!, channels!, places]);
  const mt = m.transpose(0, 2, 1);
  const leading = Number(channels) < places ? projector(m.matmul(mt)).matmul(m) : m.matmul(projector(mt.matmul(m)));
  return m.sub(leading).cast('float32').reshape(map.shape);
}

/** v vᵀ of the leading eigenvector of a positive matrix. */
function projector(matrix: Tensor): Tensor {
  let power = unit(matrix);
  for (let n = 0; n < squarings; n++) power = unit(power.matmul(power));
  return power;
}

/** Of norm 1, as v vᵀ is; zeros stay. */
const unit = (x: Tensor) => x.div(x.norm([1, 2], { keepDims: true }).maximum(1e-200));
