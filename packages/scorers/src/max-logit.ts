import { defineScorer } from '@farout/core';

/**
 * Maximum logit: S(x) = maxₖ fₖ(x), the evidence for the predicted class before the softmax normalises it.
 *
 * Hendrycks et al., "Scaling Out-of-Distribution Detection for Real-World Settings", ICML 2022.
 *
 * logits f, shape (N, K), unnormalised → score, shape (N,), unbounded, higher = more in-distribution.
 */
export const maxLogit = defineScorer({
  name: 'max-logit',
  about: {
    summary: 'The largest logit.',
    formula: 'S(x) = maxₖ fₖ(x)',
    source: 'Hendrycks et al., "Scaling Out-of-Distribution Detection for Real-World Settings", ICML 2022',
    aliases: ['mls'],
    family: 'logits',
    cost: 'One pass over the logits.',
  },
  score: ({ logits }) => logits.max(),
});
