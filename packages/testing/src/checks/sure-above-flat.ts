import assert from 'node:assert/strict';
import { generatedSample, sureAndFlat } from '../generated.ts';
import { learn } from '../parameters.ts';
import type { Check } from './check.ts';

/** Everywhere in farout a higher score means more in-distribution; papers differ, so the sign is easily wrong. */
export const sureAboveFlat: Check = {
  title: 'scores an in-distribution image of which the network is sure above a flat one',
  run: async (subject) => {
    const learnt = await learn(subject, generatedSample());
    const [sure, flat] = (await subject.compute(sureAndFlat(), learnt)).data;
    assert.ok(sure! > flat!, `the sure image scores ${String(sure)}, the flat one ${String(flat)}`);
  },
};
