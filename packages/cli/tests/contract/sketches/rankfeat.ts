import { defineScorer, z } from '@farout/core';
import type { Tensor } from '@farout/tensor';

/**
 * RankFeat: the energy of the logits that are left when the maps on the way lose their leading singular vector,
 *
 * S(x) = log Σₖ exp(mean over taps of f(m − s₁ u₁ v₁ᵀ))ₖ,   m (C, H · W) the map of a tap.
 *
 * v₁ v₁ᵀ comes of squaring mᵀm again and again: 2ⁿ-th powers after n squarings, whose other directions are then (s₂ / s₁)^(2^(n+1)).
 *
 * image → score, (N,), higher = more in-distribution. Song, Sebe, Wang, "RankFeat: Rank-1 Feature Removal for Out-of-distribution
 * Detection", NeurIPS 2022.
 */
export const rankfeat = defineScorer({
  name: 'rankfeat',
  params: z.object({
    taps: z.array(z.string()).min(1).default(['layer3', 'layer4']).describe('the maps, each for itself'),
    squarings: z.int().min(1).default(8).describe('n'),
  }),
  score: ({ tap, logitsFrom }, { taps, squarings }) =>
    taps
      .map((name) => logitsFrom(name, withoutLeading(tap(name), squarings)))
      .reduce((sum, logits) => sum.add(logits))
      .div(taps.length)
      .logSumExp(),
});

/** A map, (N, C, H, W), of which m (C, H · W) has lost its largest singular value. */
function withoutLeading(map: Tensor, squarings: number): Tensor {
  const [images, channels, height, width] = map.shape;
  const m = map.cast('float64').reshape([images!, channels!, Number(height) * Number(width)]);
  let power = unit(m.transpose(0, 2, 1).matmul(m));
  for (let n = 0; n < squarings; n++) power = unit(power.matmul(power));
  return m.sub(m.matmul(power)).cast('float32').reshape(map.shape);
}

/** Of norm 1, as v vᵀ is; zeros stay. */
const unit = (x: Tensor) => x.div(x.norm([1, 2], { keepDims: true }).maximum(1e-200));
