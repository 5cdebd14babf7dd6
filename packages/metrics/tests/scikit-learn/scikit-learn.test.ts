import { describe, expect, it } from '@jest/globals';
import { curveOf } from '@farout/core';
import { metrics } from '@farout/metrics';
import fc from 'fast-check';
import { hasScikitLearn, startScikitLearn } from './scikit-learn.ts';

const itWithScikitLearn = hasScikitLearn() ? it : it.skip;

// Finite: scikit-learn refuses infinities. One decimal: many ties.
const scores = fc
  .array(fc.integer({ min: -40, max: 40 }), { minLength: 1, maxLength: 200 })
  .map((tenths) => Float32Array.from(tenths, (tenth) => tenth / 10));

describe('the metrics that scikit-learn has too', () => {
  itWithScikitLearn('equal its own on generated scores with ties', async () => {
    const scikitLearn = startScikitLearn();
    const agree = fc.asyncProperty(scores, scores, async (id, ood) => {
      const { values } = await scikitLearn.measure(id, ood);
      const curve = curveOf(id, ood);
      for (const [name, expected] of Object.entries(values)) {
        const metric = metrics.metrics!.find((candidate) => candidate.name === name)!;
        expect({ name, value: metric.value(curve) }).toEqual({ name, value: expect.closeTo(expected, 12) });
      }
    });
    await fc.assert(agree, { numRuns: 200 }).finally(() => scikitLearn.close());
  });
});
