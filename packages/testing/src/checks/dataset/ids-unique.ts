import assert from 'node:assert/strict';
import { imagesOf, type DatasetSubject } from '../../dataset-subject.ts';
import type { Check } from '../check.ts';

/** Scores, captions and messages find an image by its id. */
export const idsUnique: Check<DatasetSubject> = {
  title: 'calls every image by an id of its own',
  run: async (subject) => {
    const ids = new Set<unknown>();
    for (const { id } of await imagesOf(subject)) {
      assert.ok(typeof id === 'string' && id !== '', `an id is ${JSON.stringify(id)}`);
      assert.ok(!ids.has(id), `two images are called "${id}"`);
      ids.add(id);
    }
  },
};
