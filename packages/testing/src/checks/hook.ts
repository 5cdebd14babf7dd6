import assert from 'node:assert/strict';
import type { ScoreContext } from '@farout/core';
import { generatedSample } from '../generated.ts';
import type { HookSubject } from '../hook-subject.ts';
import { networkTensors } from '../network.ts';
import { learn } from '../parameters.ts';
import type { Check } from './check.ts';

/** Hooks rewrite numbers, not shapes: the next hook and the scorer find (N, D), (K, D), (K) and (N, K) as before. */
export const hookShapes: Check<HookSubject> = {
  title: 'keeps the shapes of features, head and logits',
  run: async (subject) => {
    const sample = generatedSample();
    const network = networkTensors(sample);
    const { features, head } = network;
    const bare = { features, head, logits: features.linear(head.weight, head.bias) };
    assert.deepEqual(shapesOf(subject.trace(network, await learn(subject, sample))), shapesOf(bare));
  },
};

const shapesOf = ({ features, head, logits }: Pick<ScoreContext, 'features' | 'head' | 'logits'>) =>
  Object.entries({ features, weight: head.weight, bias: head.bias, logits }).map(
    ([name, { dtype, shape }]) => `${name}: ${dtype} (${shape.join(', ')})`,
  );
