import assert from 'node:assert/strict';
import { assertClose } from '../assertions.ts';
import { extremeSample, generatedSample } from '../generated.ts';
import { sliceSample } from '../sample.ts';
import { learn, type Subject } from '../test-part.ts';
import type { Check } from '../test-runner.ts';
import { fitChecks } from './fit.ts';
import { defaultsConstruct, parametersClosed, parametersRefused } from './parameters.ts';

/** Rows are shared by all detectors, and what was learnt by all blocks of rows: neither may be written to. */
export const inputUntouched: Check<Subject> = {
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

/** An image's result does not depend on the images beside it: blocks are cut where it suits the machine. */
export const batchAsRows: Check<Subject> = {
  title: 'makes of a batch what it makes of its rows one by one, to the last bit',
  run: async (subject) => {
    const sample = generatedSample();
    const learnt = await learn(subject, sample);
    const together = await subject.compute(generatedSample(), learnt);
    const width = together.data.length / sample.labels.length;
    for (let n = 0; n < sample.labels.length; n++) {
      const alone = await subject.compute(sliceSample(sample, n, n + 1), learnt);
      assertClose(together.data.slice(n * width, (n + 1) * width), alone.data, `row ${n} in its batch and alone`, 0);
    }
  },
};

/** A part keeps nothing between calls and draws nothing at random: what is stored must be what would be computed. */
export const twiceIsOnce: Check<Subject> = {
  title: 'gives the same numbers when it is asked twice',
  run: async (subject) => {
    const learnt = await learn(subject, generatedSample());
    const first = await subject.compute(generatedSample(), learnt);
    const second = await subject.compute(generatedSample(), learnt);
    assert.deepEqual(second.data, first.data);
  },
};

/** float32 overflows at exp(89): a formula must take the maximum out before it exponentiates. */
export const finiteOnExtremes: Check<Subject> = {
  title: 'stays finite on logits of ±10⁴',
  run: async (subject) => {
    const learnt = await learn(subject, generatedSample());
    const { data } = await subject.compute(extremeSample(), learnt);
    Array.from(data, Number).forEach((value, i) => assert.ok(Number.isFinite(value), `number ${i} is ${value}`));
  },
};

/** The clauses that scorers and hooks share. */
export const partChecks: readonly Check<Subject>[] = [
  defaultsConstruct,
  parametersRefused,
  parametersClosed,
  inputUntouched,
  batchAsRows,
  twiceIsOnce,
  finiteOnExtremes,
  ...fitChecks,
];
