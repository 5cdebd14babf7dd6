import assert from 'node:assert/strict';
import { imagesOf, type DatasetSubject } from '../../dataset-subject.ts';
import type { Check } from '../check.ts';

/** The host refuses a dataset without images, and without them nothing below would be tested. */
export const hasImages: Check<DatasetSubject> = {
  title: 'lists images',
  run: async (subject) => {
    assert.ok((await imagesOf(subject)).length > 0, `${subject.definition.name} lists no image`);
  },
};
