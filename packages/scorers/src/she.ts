import { defineScorer, learnsFrom, z } from '@farout/core';
import type { Tensor } from '@farout/tensor';
import { meansByClass, predictedAt, refuseFewer, rowAt } from './class-means.ts';

/**
 * SHE, simplified Hopfield energy: how well the features match the stored pattern of the predicted class,
 *
 * S(x) = ⟨h, s_y⟩,   y = argmaxₖ fₖ.
 *
 * sₖ is the mean of the features of the correctly classified fit images of class k; fitting fails if a class has none. `learnt.patterns`:
 * float64 (K, D). OpenOOD adds the metrics `cosine`, cos(h, s_y), and `euclidean`, −‖h − s_y‖₂.
 *
 * Zhang et al., "Out-of-Distribution Detection based on In-Distribution Data Patterns Memorization with Modern Hopfield Energy",
 * ICLR 2023.
 *
 * features h, shape (N, D), and logits f, (N, K) → score, shape (N,), unbounded, in squared units of the features (`cosine`: −1..1;
 * `euclidean`: in their units, at most 0), higher = more in-distribution.
 */
export const she = defineScorer({
  name: 'she',
  about: {
    summary: 'The inner product of the features with the mean features of the predicted class.',
    formula: 'S(x) = ⟨h, s_y⟩,  sₖ the mean h of the correctly classified fit images of class k,  y = argmaxₖ fₖ(x)',
    source:
      'Zhang et al., "Out-of-Distribution Detection based on In-Distribution Data Patterns Memorization with Modern Hopfield Energy", ICLR 2023',
    family: 'features',
    cost: 'One inner product per image; learns K feature means.',
    defaults: "the authors'",
  },
  params: z.object({
    metric: z
      .enum(['inner-product', 'cosine', 'euclidean'])
      .default('inner-product')
      .describe('how the features are compared with the pattern; the paper uses the inner product'),
  }),
  fit: () =>
    learnsFrom(['features', 'logits', 'labels'], async (rows, at) => {
      const { means, counts } = await meansByClass(
        rows,
        ({ features, logits, labels }, i) => {
          const y = labels[i]!;
          return predictedAt(logits, i) === y ? { row: rowAt(features, i), y } : undefined;
        },
        at,
      );
      refuseFewer(counts, 1, 'she needs a correctly classified image of each class');
      return { patterns: means };
    }),
  score: ({ features, logits }, { metric }, { learnt }) => {
    const [h, s] = [features.cast('float64'), learnt.patterns!.gather(logits.argMax(), 0)];
    return similarity[metric](h, s).cast('float32');
  },
});

/** The smallest length that a cosine is divided by, as in PyTorch. */
const least = 1e-8;

const similarity = {
  'inner-product': (h: Tensor, s: Tensor) => h.mul(s).sum(),
  cosine: (h: Tensor, s: Tensor) =>
    h
      .mul(s)
      .sum()
      .div(h.norm().maximum(least).mul(s.norm().maximum(least))),
  euclidean: (h: Tensor, s: Tensor) => h.sub(s).norm().neg(),
};
