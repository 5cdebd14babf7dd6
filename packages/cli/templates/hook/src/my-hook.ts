import { defineHook, z } from '@farout/core';

/**
 * Bounds the features smoothly: h ↦ c · tanh(h / c). Activations far below c hardly change, none exceeds c: ReAct without
 * its corner.
 *
 * features h, shape (N, D) → (N, D), −c to c.
 */
export const hook = defineHook({
  name: 'my-hook',
  about: {
    summary: 'Bounds the features smoothly.',
    formula: 'h ↦ c · tanh(h / c)',
  },
  params: z.object({
    c: z.number().positive().default(1).describe('c, the bound, in units of the features'),
  }),
  features: (h, { c }) => h.div(c).tanh().mul(c),
});
