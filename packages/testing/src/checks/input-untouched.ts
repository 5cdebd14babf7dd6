import assert from 'node:assert/strict';
import { generatedSample } from '../generated.ts';
import { learn } from '../parameters.ts';
import type { Check } from './check.ts';

/** Rows are shared by all detectors, and what was learnt by all blocks of rows: neither may be written to. */
export const inputUntouched: Check = {
  title: 'leaves its input as it is',
  run: async (subject) => {
    const sample = generatedSample();
    const learnt = await learn(subject, sample);
    const given = { features: sample.features, logits: sample.logits, ...learnt };
    const before = Object.entries(given).map(([name, { data }]) => ({ name, data, copy: data.slice() }));
    await subject.compute(sample, learnt);
    for (const { name, data, copy } of before) assert.deepEqual(data, copy, `${name} was written to`);
  },
};
