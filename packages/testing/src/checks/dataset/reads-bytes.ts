import assert from 'node:assert/strict';
import { types } from 'node:util';
import { imagesOf, sourcesOf, type DatasetSubject } from '../../dataset-subject.ts';
import type { Check } from '../check.ts';

/** A decoder gets bytes: not text, not a promise of a stream, and not none. */
export const readsBytes: Check<DatasetSubject> = {
  title: 'reads every image as bytes',
  run: async (subject) => {
    for (const { id, read } of sourcesOf(await imagesOf(subject))) {
      const bytes: unknown = await read();
      assert.ok(types.isUint8Array(bytes), `read() of "${id}" gives no Uint8Array`);
      assert.ok(bytes.length > 0, `read() of "${id}" gives no bytes`);
    }
  },
};
