import assert from 'node:assert/strict';
import { imagesOf, type DatasetSubject } from '../../dataset-subject.ts';
import type { Check } from '../check.ts';

/** An image is a file, or it has a version by which its bytes are known again; the host can do nothing with another. */
export const fileOrSource: Check<DatasetSubject> = {
  title: 'gives every image a path, or a version and read()',
  run: async (subject) => {
    for (const { id, ...members } of await imagesOf(subject)) {
      const image: Readonly<Record<string, unknown>> = members;
      const isFile = typeof image.path === 'string';
      const isSource = typeof image.version === 'string' && image.version !== '' && typeof image.read === 'function';
      assert.ok(isFile !== isSource, `"${id}" has ${Object.keys(image).join(', ') || 'nothing but its id'}`);
    }
  },
};
