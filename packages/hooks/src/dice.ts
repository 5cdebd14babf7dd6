import { defineHook, learnsFrom, z, type RowStream } from '@farout/core';
import { constant } from '@farout/tensor';
import { percent } from './percent.ts';
import { UnitStatistics } from './unit-statistics.ts';

/**
 * DICE, directed sparsification: keeps the weights of the head that contribute most to the logits of the fit set; the others become 0. With
 * μ the mean of the head's input (the features) over the fit set,
 *
 * W̄_kd = W_kd if W_kd · μ_d > the p-th percentile of all K · D contributions, else 0.
 *
 * Sun, Li, "DICE: Leveraging Sparsification for Out-of-Distribution Detection", ECCV 2022; code of the authors, `models/route.py`.
 * Contributions are signed; the percentile is interpolated linearly, as in NumPy. With p = 0, only the smallest contribution is dropped.
 * Earlier hooks change the weights and features that it sees. The authors' ReAct with DICE learns μ from unrectified features, so here it
 * is `[dice, react, energy]`.
 *
 * head (K, D) → (K, D). `learnt.kept`: uint8 (K, D), 1 for a weight that is kept.
 */
export const dice = defineHook({
  name: 'dice',
  about: {
    summary:
      'Keeps the weights of the head that contribute most to the logits of the fit set and sets the others to 0.',
    formula: 'W̄_kd = W_kd if W_kd · μ_d > the p-th percentile of all contributions, else 0;  μ = mean features',
    source: 'Sun, Li, "DICE: Leveraging Sparsification for Out-of-Distribution Detection", ECCV 2022',
    family: 'features',
    cost: 'Nothing when scoring; learns in one pass over the features and sorts K · D numbers.',
    defaults: 'p = 90, as in OpenOOD; the authors use 70 for ImageNet',
  },
  params: z.object({
    percentile: percent('percentile').default(90).describe('p, in percent: how many of the weights are set to 0'),
  }),
  fit: ({ percentile }) =>
    learnsFrom(['headInput'], async (rows, { head, compile }) => {
      const mean = constant({ data: await meanInput(rows), shape: [head.weight.shape[1]!] });
      const contributions = constant(head.weight).cast('float64').mul(mean);
      const least = contributions.flatten().quantile(percentile / 100);
      const run = await compile({ kept: contributions.greater(least).cast('uint8') });
      return run({});
    }),
  head: ({ weight, bias }, _, { learnt }) => ({ weight: weight.mul(learnt.kept!.cast('float32')), bias }),
});

async function meanInput(rows: RowStream<'headInput'>): Promise<Float64Array> {
  const statistics = new UnitStatistics();
  for await (const { headInput } of rows) statistics.add(headInput);
  return statistics.moments().mean;
}
