import assert from 'node:assert/strict';
import { extremeSample, generatedSample } from '../generated.ts';
import { learn } from '../parameters.ts';
import type { Check } from './check.ts';

/** float32 overflows at exp(89): a formula must take the maximum out before it exponentiates. */
export const finiteOnExtremes: Check = {
  title: 'stays finite on logits of ±10⁴',
  run: async (subject) => {
    const learnt = await learn(subject, generatedSample());
    const { data } = await subject.compute(extremeSample(), learnt);
    Array.from(data, Number).forEach((value, i) => assert.ok(Number.isFinite(value), `number ${i} is ${value}`));
  },
};
