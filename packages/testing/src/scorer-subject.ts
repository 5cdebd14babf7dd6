import { type Learnt, type ScorerDefinition, type TraceableNetwork, traceHooks, traceScore } from '@farout/core';
import { evaluate } from '@farout/runtime';
import type { Tensor } from '@farout/tensor';
import { imagesOf, networkTensors } from './network.ts';
import type { Parameters, Subject } from './parameters.ts';

/** A scorer under test. */
export interface ScorerSubject extends Subject {
  /** The score in a network, as a tensor, (N); absent for a scorer over rows. */
  readonly trace?: (network: TraceableNetwork, learnt: Learnt) => Tensor;
}

/** A scorer under test: symbolic ones are traced and evaluated as in a run, the others called on the rows. */
export function scorerSubject(definition: ScorerDefinition, params: Parameters): ScorerSubject {
  if ('scoreRows' in definition) {
    const compute: Subject['compute'] = async ({ features, logits }, learnt) => {
      const data = await definition.scoreRows({ features, logits }, params, learnt);
      return { data, shape: [data.length] };
    };
    return { definition, params, compute };
  }
  const trace: ScorerSubject['trace'] = (network, learnt) =>
    traceScore(traceHooks(network, []), { definition, params, learnt });
  const compute: Subject['compute'] = async (sample, learnt) => {
    const score = trace(networkTensors(sample), learnt);
    return (await evaluate({ score }, { image: imagesOf(sample) })).score!;
  };
  return { definition, params, trace, compute };
}
