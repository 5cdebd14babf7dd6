import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { imagesOf, type DatasetSubject } from '../dataset-subject.ts';
import type { Check } from './check.ts';

/** A path goes to another process as it is, whose folder is not this one's. */
export const pathsExist: Check<DatasetSubject> = {
  title: 'names files that exist by absolute paths',
  run: async (subject) => {
    for (const image of await imagesOf(subject)) {
      if (!('path' in image)) continue;
      assert.ok(isAbsolute(image.path), `the path of "${image.id}" is relative: ${image.path}`);
      const isFile = await stat(image.path).then(
        (found) => found.isFile(),
        () => false,
      );
      assert.ok(isFile, `the path of "${image.id}" is no file: ${image.path}`);
    }
  },
};
