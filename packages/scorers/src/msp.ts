import { defineScorer } from '@farout/core';

/**
 * Maximum softmax probability: S(x) = maxₖ softmax(f(x))ₖ, the confidence in the predicted class.
 *
 * Hendrycks and Gimpel, "A Baseline for Detecting Misclassified and Out-of-Distribution Examples in Neural Networks",
 * ICLR 2017.
 *
 * logits f, shape (N, K), unnormalised → score, shape (N,), a probability in 1/K..1, higher = more in-distribution.
 */
export const msp = defineScorer({
  name: 'msp',
  about: {
    summary: 'The largest softmax probability: the confidence in the predicted class.',
    formula: 'S(x) = maxₖ softmax(f(x))ₖ',
    source:
      'Hendrycks and Gimpel, "A Baseline for Detecting Misclassified and Out-of-Distribution Examples in Neural Networks", ICLR 2017',
    family: 'logits',
    cost: 'One pass over the logits.',
  },
  score: ({ logits }) => logits.softmax().max(),
});
