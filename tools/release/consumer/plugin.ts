// A plugin as written by an outside author, compiled against and run with the packed packages.
import { type Learnt, defineHook, definePlugin, defineScorer, learnsFrom, scoresFrom, z } from '@farout/core';
import type { Tensor } from '@farout/tensor';

const params = z.object({ scale: z.number().positive().default(1).describe('factor, unitless') });

/** The mean of the fit set's features, and the distance from it. */
export const fromMean = defineScorer({
  name: 'from-mean',
  params,
  fit: () =>
    learnsFrom(['features'], async (_rows, { moments }): Promise<Learnt> => {
      const { mean } = await moments('features');
      return { mean: { data: Float32Array.from(mean), shape: [mean.length] } };
    }),
  score: ({ features }, { scale }, { learnt }): Tensor => {
    const difference = features.sub(learnt.mean!);
    return difference.mul(difference).sum().mul(-scale);
  },
});

/** The largest logit, as a function over rows. */
export const largest = defineScorer({
  name: 'largest',
  rows: () =>
    scoresFrom(['logits'], () => ({ logits: { data, shape } }) => {
      const [rows, classes] = shape;
      return Float32Array.from({ length: rows }, (_, row) =>
        Math.max(...data.subarray(row * classes, (row + 1) * classes)),
      );
    }),
});

/** Features below zero become zero. */
export const positive = defineHook({ name: 'positive', features: (h) => h.relu() });

export default definePlugin({ name: 'consumer', scorers: [fromMean, largest], hooks: [positive] });
