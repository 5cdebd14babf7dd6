import assert from 'node:assert/strict';
import { types } from 'node:util';
import type { HookDefinition, Learnt } from '@farout/core';
import type { NDArray } from '@farout/tensor';
import { assertClose } from '../assertions.ts';
import { defaultsConstruct, parametersClosed, parametersRefused, type Configured } from '../parameters.ts';
import { extremeSample, fitRows, generatedSample, sliceSample, type Sample } from '../sample.ts';
import type { Check } from '../test-runner.ts';

/** What scorers and hooks have in common. */
export type PartDefinition = Pick<HookDefinition, 'name' | 'params' | 'fit'>;

/** A scorer or a hook under test, with the parameters it is tested with. */
export interface Subject extends Configured {
  readonly definition: PartDefinition;
  /** What it makes of a sample: a scorer's scores (N), or the logits (N, K) of a network with the hook. */
  readonly compute: (sample: Sample, learnt: Learnt) => Promise<NDArray>;
}

/** What the part learns from a sample that comes in batches of `batchSize` images; {} when there is nothing to learn. */
export async function learn({ definition, params }: Subject, sample: Sample, batchSize = 5): Promise<Learnt> {
  const fit = definition.fit?.(params);
  return fit ? fit.learn(fitRows(sample, fit.reads, batchSize), params) : {};
}

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

/** What was learnt is stored, and read again by the next run: nothing but numbers in a shape survives that. */
export const learntIsArrays: Check<Subject> = {
  title: 'learns arrays of numbers that fill their shapes, and nothing else',
  run: async (subject) => {
    for (const [name, { data, shape }] of Object.entries(await learn(subject, generatedSample()))) {
      assert.ok(isArray(data), `"${name}" has no data in float32, float64, int32, int64 or uint8`);
      const size = shape.reduce((product, each) => product * each, 1);
      assert.equal(data.length, size, `"${name}" has another number of elements than its shape (${shape.join(', ')})`);
    }
  },
};

const isArray = (data: unknown) =>
  types.isFloat32Array(data) ||
  types.isFloat64Array(data) ||
  types.isInt32Array(data) ||
  types.isBigInt64Array(data) ||
  types.isUint8Array(data);

/** Learning starts afresh every time: nothing of an earlier fit is left in the definition. */
export const fitTwiceIsOnce: Check<Subject> = {
  title: 'learns the same when it is fitted twice',
  run: async (subject) => {
    const first = await learn(subject, generatedSample());
    const second = await learn(subject, generatedSample());
    assert.deepEqual(second, first);
  },
};

/** What is learnt depends on the images, not on the size of the batches they come in. */
export const fitStreams: Check<Subject> = {
  title: 'learns from a stream of batches what it learns from one batch',
  run: async (subject) => {
    const sample = generatedSample();
    const whole = await learn(subject, sample, sample.labels.length);
    const streamed = await learn(subject, sample, 7);
    assert.deepEqual(Object.keys(streamed), Object.keys(whole));
    for (const [name, { data, shape }] of Object.entries(whole)) {
      assert.deepEqual(streamed[name]!.shape, shape, `the shape of "${name}"`);
      assertClose(streamed[name]!.data, data, `"${name}" from batches and from the whole`);
    }
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
  learntIsArrays,
  fitTwiceIsOnce,
  fitStreams,
];
