import assert from 'node:assert/strict';
import { featuresOf, imageInput, openNetwork, type BackboneSubject } from '../../backbone-subject.ts';
import { generatedImages } from '../../generated-images.ts';
import type { Check } from '../check.ts';

/** Features are stored as rows of D numbers, as many as the head's weight has columns, for any number of images. */
export const featureShape: Check<BackboneSubject> = {
  title: 'makes D features of every image of crop × crop pixels, float32 (N, D)',
  run: async (subject) => {
    const { features, head } = await openNetwork(subject);
    const width = head.weight.shape.at(-1);
    const { dtype, shape } = features(imageInput(subject));
    assert.deepEqual({ dtype, shape }, { dtype: 'float32', shape: ['N', width] });
    for (const count of [1, 3]) {
      const found = await featuresOf(subject, generatedImages(count, subject.params.crop));
      assert.deepEqual([...found.shape], [count, width]);
    }
  },
};
