import assert from 'node:assert/strict';
import { generatedSample } from '../generated.ts';
import { learn } from '../parameters.ts';
import type { Check } from './check.ts';

/** Learning starts afresh every time: nothing of an earlier fit is left in the definition. */
export const fitTwiceIsOnce: Check = {
  title: 'learns the same when it is fitted twice',
  run: async (subject) => {
    const first = await learn(subject, generatedSample());
    const second = await learn(subject, generatedSample());
    assert.deepEqual(second, first);
  },
};
