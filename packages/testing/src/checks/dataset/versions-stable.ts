import assert from 'node:assert/strict';
import { imagesOf, sourcesOf, type DatasetSubject } from '../../dataset-subject.ts';
import type { Check } from '../check.ts';

/** A version that changes while the bytes do not makes every run read and compute everything again. */
export const versionsStable: Check<DatasetSubject> = {
  title: 'gives the images the same versions when it is opened again',
  run: async (subject) => {
    const versions = async () => sourcesOf(await imagesOf(subject)).map(({ version }) => version);
    assert.deepEqual(await versions(), await versions());
  },
};
