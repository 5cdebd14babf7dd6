import { defineScorer, z } from '@farout/core';

/**
 * Energy score: S(x) = T · log Σₖ exp(fₖ(x) / T), the negative free energy.
 *
 * Liu et al., "Energy-based Out-of-distribution Detection", NeurIPS 2020.
 *
 * logits f, shape (N, K), unnormalised → score, shape (N,), unbounded, higher = more in-distribution.
 */
export const energy = defineScorer({
  name: 'energy',
  about: {
    summary: 'The negative free energy of the logits.',
    formula: 'S(x) = T · log Σₖ exp(fₖ(x) / T)',
    source: 'Liu et al., "Energy-based Out-of-distribution Detection", NeurIPS 2020',
    aliases: ['ebo'],
    family: 'logits',
    cost: 'One pass over the logits.',
    defaults: 'T = 1, as in the paper',
  },
  params: z.object({
    temperature: z.number().positive().default(1).describe('T, unitless; 1 in the paper'),
  }),
  score: ({ logits }, { temperature: T }) => logits.div(T).logSumExp().mul(T),
});
