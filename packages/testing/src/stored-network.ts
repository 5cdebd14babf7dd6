import type { TraceableNetwork } from '@farout/core';
import { input } from '@farout/tensor';
import { networkTensors } from './network.ts';
import type { Sample } from './sample.ts';

/** A network as a run has it whose features are stored: they are the graph's input "features", (N, D), and no image made them. */
export function storedNetwork(sample: Sample): TraceableNetwork & { readonly readsImages: () => boolean } {
  const { head, images } = networkTensors(sample);
  let used = false;
  const watched = {
    ...images,
    get image() {
      used = true;
      return images.image;
    },
  };
  return {
    features: input('features', ['N', sample.features.shape[1]]),
    head,
    images: watched,
    readsImages: () => used,
  };
}
