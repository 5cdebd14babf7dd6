import assert from 'node:assert/strict';
import { imageInput, openNetwork, type BackboneSubject } from '../../backbone-subject.ts';
import { copyFiles } from '../../case-files.ts';
import type { Check } from '../check.ts';

/** A network out of a file is compared with that file after it was opened: the numbers in it are shared. */
export const filesUntouched: Check<BackboneSubject> = {
  title: 'leaves the numbers of its files as they are',
  run: async (subject) => {
    const [opened, before] = [copyFiles(subject.files), copyFiles(subject.files)];
    const { features } = await openNetwork(subject, opened);
    features(imageInput(subject));
    assert.deepEqual(opened, before, 'a file was written to');
  },
};
