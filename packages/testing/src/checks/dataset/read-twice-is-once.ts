import assert from 'node:assert/strict';
import { imagesOf, sourcesOf, type DatasetSubject } from '../../dataset-subject.ts';
import type { Check } from '../check.ts';

/** An image is read once for its features and again for what looks at the image itself. */
export const readTwiceIsOnce: Check<DatasetSubject> = {
  title: 'reads the same bytes of an image twice',
  run: async (subject) => {
    for (const { id, read } of sourcesOf(await imagesOf(subject))) {
      const [first, second] = [Buffer.from(await read()), Buffer.from(await read())];
      assert.ok(first.equals(second), `the second read() of "${id}" gives other bytes`);
    }
  },
};
