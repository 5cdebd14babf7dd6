import assert from 'node:assert/strict';
import { assertClose } from '../assert-close.ts';
import { generatedSample } from '../generated.ts';
import { learn } from '../parameters.ts';
import type { Check } from './check.ts';

/** What is learnt depends on the images, not on the size of the batches they come in. */
export const fitStreams: Check = {
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
