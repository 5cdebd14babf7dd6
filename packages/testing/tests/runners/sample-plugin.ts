import {
  defineBackbone,
  defineDataset,
  defineHook,
  defineMetric,
  defineScorer,
  filePath,
  imageParameters,
  z,
} from '@farout/core';

/** One small part of every kind, as the author of a plugin would write them. */
export const colourMeans = defineBackbone({
  name: 'colour-means',
  params: z.object({ weights: filePath(), ...imageParameters }),
  open: async ({ weights }, { stateDict }) => {
    const state = await stateDict(weights);
    return {
      features: (image) => image.mean([2, 3]),
      head: { weight: state.take('weight', [2, 3]), bias: state.take('bias', [2]) },
    };
  },
});

export const shift = defineHook({
  name: 'shift',
  params: z.object({ by: z.number().default(1) }),
  features: (h, { by }) => h.add(by),
});

export const largest = defineScorer({
  name: 'largest',
  score: ({ logits }) => logits.max(),
});

export const numbers = defineDataset({
  name: 'numbers',
  params: z.object({ count: z.int().min(1) }),
  open: ({ count }) =>
    Promise.resolve({
      images: Array.from({ length: count }, (_, index) => ({
        id: `${index}`,
        version: `${index}`,
        read: () => Promise.resolve(Uint8Array.of(index)),
      })),
    }),
});

export const clear = defineMetric({
  name: 'clear',
  better: 'higher',
  value: ({ id, ood, idTotal }) => {
    const highestOod = ood.findIndex((weight) => weight > 0);
    return id.subarray(0, highestOod).reduce((sum, weight) => sum + weight, 0) / idTotal;
  },
});
