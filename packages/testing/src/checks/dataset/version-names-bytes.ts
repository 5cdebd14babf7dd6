import assert from 'node:assert/strict';
import { imagesOf, sourcesOf, type DatasetSubject } from '../../dataset-subject.ts';
import type { Check } from '../check.ts';

/** What was computed is found again by the version alone: a version that two contents share gives one the other's scores. */
export const versionNamesBytes: Check<DatasetSubject> = {
  title: 'gives other bytes another version',
  run: async (subject) => {
    const known = new Map<string, Buffer>();
    for (const { id, version, read } of sourcesOf([...(await imagesOf(subject)), ...(await imagesOf(subject))])) {
      const bytes = Buffer.from(await read());
      assert.ok(
        known.get(version)?.equals(bytes) ?? true,
        `other bytes than those of "${id}" have its version, ${version}`,
      );
      known.set(version, bytes);
    }
  },
};
