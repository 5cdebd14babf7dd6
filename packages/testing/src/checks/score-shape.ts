import assert from 'node:assert/strict';
import { generatedSample } from '../generated.ts';
import { sliceSample } from '../sample.ts';
import { learn } from '../parameters.ts';
import type { Check } from './check.ts';

/** One float32 score per image, for any number of them. */
export const scoreShape: Check = {
  title: 'returns one float32 score per image',
  run: async (subject) => {
    const learnt = await learn(subject, generatedSample());
    for (const count of [1, 3]) {
      const { data, shape } = await subject.compute(sliceSample(generatedSample(), 0, count), learnt);
      assert.ok(data instanceof Float32Array, `the scores are no Float32Array but ${data.constructor.name}`);
      assert.deepEqual([...shape], [count]);
    }
  },
};
