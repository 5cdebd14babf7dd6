import assert from 'node:assert/strict';
import { imagesOf, type DatasetSubject } from '../../dataset-subject.ts';
import type { Check } from '../check.ts';

/** What a fit set's labels are kept in: 32 bits, signed. */
const largestLabel = 2 ** 31 - 1;

/** A label counts classes from 0 on; one that is not known is absent, not −1. */
export const labelsAreClasses: Check<DatasetSubject> = {
  title: 'labels images with classes 0, 1, … or not at all',
  run: async (subject) => {
    for (const { id, label } of await imagesOf(subject)) {
      const isClass = label === undefined || (Number.isInteger(label) && label >= 0 && label <= largestLabel);
      assert.ok(isClass, `the label of "${id}" is ${String(label)}`);
    }
  },
};
