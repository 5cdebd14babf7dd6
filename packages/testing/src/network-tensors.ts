import type { ScoreContext } from '@oodkit/core';
import { constant, input } from '@oodkit/tensor';
import type { Sample } from './sample.ts';

/** The end of a sample's network as tensors: its features are the graph's input "features", its head is constant. */
export const networkTensors = ({ features, head }: Sample): Pick<ScoreContext, 'features' | 'head'> => ({
  features: input('features', ['N', features.shape[1]]),
  head: { weight: constant(head.weight, 'head.weight'), bias: constant(head.bias, 'head.bias') },
});
