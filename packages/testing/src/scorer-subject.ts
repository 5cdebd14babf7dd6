import { traceHooks, traceScore, type ScorerDefinition } from '@oodkit/core';
import { evaluate } from '@oodkit/runtime';
import { imagesOf, networkTensors } from './network-tensors.ts';
import type { Parameters, Subject } from './subject.ts';

/** A scorer under test: symbolic ones are traced and evaluated as in a run, the others called on the rows. */
export const scorerSubject = (definition: ScorerDefinition, params: Parameters): Subject => ({
  definition,
  params,
  compute: async (sample, learnt) => {
    if ('scoreRows' in definition) {
      const { features, logits } = sample;
      const data = await definition.scoreRows({ features, logits }, params, learnt);
      return { data, shape: [data.length] };
    }
    const score = traceScore(traceHooks(networkTensors(sample), []), { definition, params, learnt });
    return (await evaluate({ score }, { image: imagesOf(sample) })).score!;
  },
});
