import type { TraceableNetwork } from '@oodkit/core';
import { constant, input, type NDArray, type Tensor } from '@oodkit/tensor';
import type { Sample } from './sample.ts';

/**
 * A sample's network as tensors. Its images are its features, as (N, D, 1, 1), the graph's input "image": averaged over
 * space they are the features again, so that a scorer which looks at images can be told from the logits, too.
 */
export function networkTensors({ features: { shape }, head }: Sample): TraceableNetwork {
  const image = input('image', ['N', shape[1], 1, 1]);
  const featuresOf = (x: Tensor) => x.mean([2, 3]);
  return {
    features: featuresOf(image),
    head: { weight: constant(head.weight, 'head.weight'), bias: constant(head.bias, 'head.bias') },
    images: { image, std: constant({ data: Float32Array.of(1), shape: [1, 1, 1] }), featuresOf },
  };
}

/** The images of that network, to be fed to it. */
export const imagesOf = ({ features: { data, shape } }: Sample): NDArray => ({ data, shape: [...shape, 1, 1] });
