import { assertClose } from '../assert-close.ts';
import { generatedSample } from '../generated-sample.ts';
import { sliceSample } from '../sample.ts';
import { learn } from '../subject.ts';
import type { Check } from './check.ts';

/** An image's result does not depend on the images beside it: blocks are cut where it suits the machine. */
export const batchAsRows: Check = {
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
