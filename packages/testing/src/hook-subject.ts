import { type HookDefinition, type Learnt, type ScoreContext, type TraceableNetwork, traceHooks } from '@farout/core';
import { evaluate } from '@farout/runtime';
import { imagesOf, networkTensors } from './network.ts';
import type { Parameters, Subject } from './parameters.ts';

/** A hook under test, seen through a network that it is hooked into. */
export interface HookSubject extends Subject {
  /** A network with the hook, as tensors. */
  readonly trace: (network: TraceableNetwork, learnt: Learnt) => ScoreContext;
}

/** A hook under test: hooked into the sample's network and evaluated as in a run. */
export function hookSubject(definition: HookDefinition, params: Parameters): HookSubject {
  const trace: HookSubject['trace'] = (network, learnt) => traceHooks(network, [{ definition, params, learnt }]);
  return {
    definition,
    params,
    trace,
    compute: async (sample, learnt) => {
      const { logits } = trace(networkTensors(sample), learnt);
      return (await evaluate({ logits }, { image: imagesOf(sample) })).logits!;
    },
  };
}
