import { defineScorer, z } from '@farout/core';

/**
 * Negative entropy of the softmax: S(x) = Σₖ pₖ log pₖ, p = softmax(f / T).
 *
 * Written Σₖ pₖ fₖ / T − log Σₖ exp(fₖ / T): the same number, but not 0 · (−∞) where a probability underflows.
 *
 * logits f, shape (N, K), unnormalised → score, shape (N,), −log K to 0, higher = more in-distribution.
 */
export const scorer = defineScorer({
  name: 'my-scorer',
  about: {
    summary: 'Negative entropy of the softmax: how sure the network is of its prediction.',
    formula: 'S(x) = Σₖ pₖ log pₖ,  p = softmax(f(x) / T)',
  },
  params: z.object({
    temperature: z.number().positive().default(1).describe('T, unitless'),
  }),
  score: ({ logits }, { temperature: T }) => {
    const f = logits.div(T);
    return f.softmax().mul(f).sum().sub(f.logSumExp());
  },
});
