import { defineScorer } from '@farout/core';

/**
 * Negative entropy of the softmax probabilities: S(x) = Σₖ pₖ · fₖ − log Σₖ exp(fₖ) = Σₖ pₖ · log pₖ,   p = softmax(f).
 *
 * Computed in float64 from the logits minus their maximum, without taking the logarithm of a probability: where p underflows, p · log p is
 * NaN in other implementations. A class masked by a logit of −∞ contributes nothing.
 *
 * Shannon's entropy as a score: `benchmark.py` of Liu et al., "GEN", CVPR 2023; `entropy.py` of pytorch-ood.
 *
 * logits f, shape (N, K), unnormalised → score, shape (N,), in nats, −log K..0, higher = more in-distribution.
 */
export const entropy = defineScorer({
  name: 'entropy',
  about: {
    summary: 'The negative entropy of the softmax probabilities.',
    formula: 'S(x) = Σₖ pₖ · log pₖ,  p = softmax(f(x))',
    source:
      'Liu, Lochman, Zach, "GEN: Pushing the Limits of Softmax-Based Out-of-Distribution Detection", CVPR 2023 (code)',
    family: 'logits',
    cost: 'One softmax per image; learns nothing.',
  },
  score: ({ logits }) => {
    const z = logits.cast('float64');
    const f = z.sub(z.max(-1, { keepDims: true }));
    const e = f.exp();
    const sum = e.sum();
    return e.equal(0).where(0, e.mul(f)).sum().div(sum).sub(sum.log()).cast('float32');
  },
});
