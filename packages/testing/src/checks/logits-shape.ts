import assert from 'node:assert/strict';
import { generatedSample } from '../generated.ts';
import type { HookSubject } from '../hook-subject.ts';
import { networkTensors } from '../network.ts';
import { sliceSample } from '../sample.ts';
import { learn } from '../parameters.ts';
import type { Check } from './check.ts';

/** A reshape to (N, …) takes for N what is left, and that need not be the number of images. */
export const logitsShape: Check<HookSubject> = {
  title: 'computes logits of the shape that it declares',
  run: async (subject) => {
    const sample = generatedSample();
    const learnt = await learn(subject, sample);
    const [batch, ...declared] = subject.trace(networkTensors(sample), learnt).logits.shape;
    assert.equal(batch, 'N', 'the size of the first axis is not the number of images');
    for (const count of [1, 3]) {
      const { shape } = await subject.compute(sliceSample(sample, 0, count), learnt);
      assert.deepEqual([...shape], [count, ...declared]);
    }
  },
};
