import assert from 'node:assert/strict';
import { generatedSample } from '../generated.ts';
import { learn } from '../parameters.ts';
import type { Check } from './check.ts';

/** A part keeps nothing between calls and draws nothing at random: what is stored must be what would be computed. */
export const twiceIsOnce: Check = {
  title: 'gives the same numbers when it is asked twice',
  run: async (subject) => {
    const learnt = await learn(subject, generatedSample());
    const first = await subject.compute(generatedSample(), learnt);
    const second = await subject.compute(generatedSample(), learnt);
    assert.deepEqual(second.data, first.data);
  },
};
