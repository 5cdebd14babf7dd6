import assert from 'node:assert/strict';
import type { DatasetImage } from '@farout/core';
import { imagesOf, type DatasetSubject } from '../../dataset-subject.ts';
import type { Check } from '../check.ts';

/** What an earlier run stored is found again by the order of the images. */
export const opensAlike: Check<DatasetSubject> = {
  title: 'lists the same images in the same order when it is opened again',
  run: async (subject) => {
    const first = await imagesOf(subject);
    assert.deepEqual((await imagesOf(subject)).map(listing), first.map(listing));
  },
};

const listing = ({ id, label, ...image }: DatasetImage) => ({
  id,
  label,
  path: 'path' in image ? image.path : undefined,
});
