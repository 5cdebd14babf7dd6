import { describe, expect, it } from '@jest/globals';
import { constant, foldBatchNorm, input } from '@farout/tensor';
import { evaluate } from '@farout/runtime';
import fc from 'fast-check';
import { at, build, difference, numbers } from './parts/plain.ts';
import { plainConv } from './parts/plain-conv.ts';
import { forAll } from './parts/property.ts';

const examples = fc.record({ groups: fc.constantFrom(1, 3), epsilon: fc.constantFrom(undefined, 1e-5, 0.5) });

describe('foldBatchNorm', () => {
  it('is the convolution followed by the batch normalisation', async () => {
    await forAll(examples, async ({ groups, epsilon }, seed) => {
      const x = numbers([2, 3, 5, 5], seed);
      const weight = numbers([6, 3 / groups, 3, 3], seed + 1);
      const [scale, shift, mean] = [2, 3, 4].map((offset) => numbers([6], seed + offset)) as [
        typeof x,
        typeof x,
        typeof x,
      ];
      const variance = build([6], (index) => 0.01 + at(scale, index) ** 2);
      const norm = {
        scale: constant(scale),
        shift: constant(shift),
        mean: constant(mean),
        variance: constant(variance),
      };
      const folded = foldBatchNorm(constant(weight), epsilon === undefined ? norm : { ...norm, epsilon });
      const result = input('x', x.shape).conv(folded.weight, { bias: folded.bias, groups, padding: 1 });
      const convolved = plainConv(
        x,
        weight,
        build([6], () => 0),
        { groups, stride: 1, padding: 1 },
      );
      const expected = build(convolved.shape, (index) => {
        const channel = [index[1]!];
        const normal =
          (at(convolved, index) - at(mean, channel)) / Math.sqrt(at(variance, channel) + (epsilon ?? 1e-5));
        return normal * at(scale, channel) + at(shift, channel);
      });
      expect(difference((await evaluate({ result }, { x })).result!, expected)).toBeLessThan(1e-4);
    });
  });
});
