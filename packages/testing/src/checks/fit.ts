import assert from 'node:assert/strict';
import { types } from 'node:util';
import { assertClose } from '../assertions.ts';
import { generatedSample } from '../generated.ts';
import { learn, type Subject } from '../test-part.ts';
import type { Check } from '../test-runner.ts';

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

/** The clauses of what learns. */
export const fitChecks: readonly Check<Subject>[] = [learntIsArrays, fitTwiceIsOnce, fitStreams];
