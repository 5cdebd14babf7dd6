import assert from 'node:assert/strict';
import { types } from 'node:util';
import { generatedSample } from '../generated.ts';
import { learn } from '../parameters.ts';
import type { Check } from './check.ts';

const isArray = (data: unknown) =>
  types.isFloat32Array(data) ||
  types.isFloat64Array(data) ||
  types.isInt32Array(data) ||
  types.isBigInt64Array(data) ||
  types.isUint8Array(data);

/** What was learnt is stored, and read again by the next run: nothing but numbers in a shape survives that. */
export const learntIsArrays: Check = {
  title: 'learns arrays of numbers that fill their shapes, and nothing else',
  run: async (subject) => {
    for (const [name, { data, shape }] of Object.entries(await learn(subject, generatedSample()))) {
      assert.ok(isArray(data), `"${name}" has no data in float32, float64, int32, int64 or uint8`);
      const size = shape.reduce((product, each) => product * each, 1);
      assert.equal(data.length, size, `"${name}" has another number of elements than its shape (${shape.join(', ')})`);
    }
  },
};
