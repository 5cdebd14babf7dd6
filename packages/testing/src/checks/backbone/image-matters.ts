import assert from 'node:assert/strict';
import { featuresOf, type BackboneSubject } from '../../backbone-subject.ts';
import { generatedImages } from '../../generated-images.ts';
import type { Check } from '../check.ts';

/** Features that are the same for all images tell nothing apart, and would agree with any test of them. */
export const imageMatters: Check<BackboneSubject> = {
  title: 'makes different features of different images',
  run: async (subject) => {
    const { data, shape } = await featuresOf(subject, generatedImages(2, subject.params.crop));
    assert.notDeepEqual(data.slice(0, shape[1]), data.slice(shape[1]));
  },
};
