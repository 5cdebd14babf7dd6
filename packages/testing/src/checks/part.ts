import assert from 'node:assert/strict';
import { traceHooks, traceReadings, type Learnt } from '@farout/core';
import { assertClose } from '../assertions.ts';
import { learn, readingArrays, type Subject } from '../learning.ts';
import { networkTensors } from '../network.ts';
import { defaultsConstruct, parametersClosed, parametersRefused } from '../parameters.ts';
import { extremeSample, generatedSample, sliceSample, type Sample } from '../sample.ts';
import { watchedBatches } from '../streams.ts';
import type { Check } from '../test-runner.ts';
import { fitChecks } from './fit.ts';

const declaresReadings = ({ definition }: Subject) =>
  definition.readings !== undefined || definition.readingsAfter !== undefined || 'it declares no readings';

/** All detectors share the rows, and all blocks of rows share what was learnt: neither may be modified. */
export const inputUntouched: Check<Subject> = {
  title: 'does not change its input',
  run: async (subject) => {
    const bare = generatedSample();
    const untouched = watchedBatches(5, (batch, original) => {
      assert.deepEqual(batch, original, 'a batch of the fit set was written to');
    });
    const fitted = await learn(subject, bare, { cut: untouched });
    const sample = { ...bare, readings: await readingArrays(subject, bare, fitted.learnt) };
    const { features, logits, head, readings } = sample;
    const given = { features, logits, weight: head.weight, bias: head.bias, ...readings, ...fitted.learnt };
    const before = Object.entries(given).map(([name, { data }]) => ({ name, data, copy: data.slice() }));
    await subject.compute(sample, fitted);
    for (const { name, data, copy } of before) assert.deepEqual(data, copy, `${name} was written to`);
  },
};

/** An image's result must not depend on the other images of its block: blocks are split to suit the machine. */
export const batchAsRows: Check<Subject> = {
  title: 'computes the same for a batch as for its rows one by one, to the last bit',
  run: async (subject) => {
    const sample = generatedSample();
    const fitted = await learn(subject, sample);
    const together = await subject.compute(generatedSample(), fitted);
    const width = together.data.length / sample.labels.length;
    for (let n = 0; n < sample.labels.length; n++) {
      const alone = await subject.compute(sliceSample(sample, n, n + 1), fitted);
      assertClose(together.data.slice(n * width, (n + 1) * width), alone.data, `row ${n} in its batch and alone`, 0);
    }
  },
};

/** A part must not keep anything between calls or draw random numbers: stored results must equal recomputed ones. */
export const twiceIsOnce: Check<Subject> = {
  title: 'gives the same numbers when called twice',
  run: async (subject) => {
    const fitted = await learn(subject, generatedSample());
    const first = await subject.compute(generatedSample(), fitted);
    const second = await subject.compute(generatedSample(), fitted);
    assert.deepEqual(second.data, first.data);
    const prepared = await subject.compute(generatedSample(), { ...fitted });
    assert.deepEqual(prepared.data, first.data, 'prepared once more, it gives other numbers');
  },
};

/** exp overflows float32 at 89: a formula must subtract the maximum before exponentiating. */
export const finiteOnExtremes: Check<Subject> = {
  title: 'stays finite on logits of ±10⁴',
  run: async (subject) => {
    const fitted = await learn(subject, generatedSample());
    const { data } = await subject.compute(extremeSample(), fitted);
    Array.from(data, Number).forEach((value, i) => assert.ok(Number.isFinite(value), `number ${i} is ${value}`));
  },
};

/** Detectors share one pass over the images and one store, in which a reading is identified by its part and its name. */
export const readingsDeclared: Check<Subject> = {
  title: 'declares readings with unique names: float32, one row per image',
  applies: declaresReadings,
  run: async (subject) => {
    const sample = generatedSample();
    const { learnt } = await learn(subject, sample);
    const [first, after] = (['first', 'after'] as const).map((which) => traced(subject, sample, learnt, which));
    const twice = Object.keys(first!).filter((name) => name in after!);
    assert.deepEqual(twice, [], 'readings of both passes have one name');
    for (const [name, { shape }] of Object.entries(await readingArrays(subject, sample, learnt))) {
      assert.equal(shape[0], sample.labels.length, `rows of the reading "${name}"`);
    }
  },
};

/** A reading is stored per image, and later read together with other images. */
export const readingsAsRows: Check<Subject> = {
  title: 'has the same readings for a batch as for its images one by one, to the last bit',
  applies: declaresReadings,
  run: async (subject) => {
    const sample = generatedSample();
    const { learnt } = await learn(subject, sample);
    const together = await readingArrays(subject, sample, learnt);
    for (let n = 0; n < sample.labels.length; n++) {
      const alone = await readingArrays(subject, sliceSample(sample, n, n + 1), learnt);
      const row = sliceSample({ ...sample, readings: together }, n, n + 1).readings!;
      for (const [name, { data }] of Object.entries(row)) {
        assertClose(data, alone[name]!.data, `"${name}" of image ${n} in its batch and alone`, 0);
      }
    }
  },
};

const traced = ({ definition, params }: Subject, sample: Sample, learnt: Learnt, which: 'first' | 'after') =>
  traceReadings(traceHooks(networkTensors(sample), []), { definition, params, learnt }, which);

/** The clauses for both scorers and hooks. */
export const partChecks: readonly Check<Subject>[] = [
  defaultsConstruct,
  parametersRefused,
  parametersClosed,
  inputUntouched,
  batchAsRows,
  twiceIsOnce,
  finiteOnExtremes,
  readingsDeclared,
  readingsAsRows,
  ...fitChecks,
];
