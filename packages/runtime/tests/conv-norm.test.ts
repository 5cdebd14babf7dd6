import { describe, expect, it } from '@jest/globals';
import { convNorm, StateDict } from '@farout/core';
import { evaluate } from '@farout/runtime';
import { input } from '@farout/tensor';
import fc from 'fast-check';
import { at, build, difference, numbers } from './parts/plain.ts';
import { plainConv } from './parts/plain-conv.ts';
import { forAll } from './parts/property.ts';

const examples = fc.record({
  groups: fc.constantFrom(1, 3),
  stride: fc.constantFrom(1, 2),
  padding: fc.constantFrom(0, 1),
});

describe('convNorm', () => {
  it('is the convolution and the batch normalisation of these names in a state_dict', async () => {
    await forAll(examples, async (window, seed) => {
      const x = numbers([2, 3, 5, 5], seed);
      const weight = numbers([6, 3 / window.groups, 3, 3], seed + 1);
      const vector = (offset: number) => numbers([6], seed + offset);
      const [gamma, beta, mean] = [vector(2), vector(3), vector(4)];
      const variance = build([6], (index) => 0.01 + at(gamma, index) ** 2);
      const arrays = {
        'layer.0.weight': weight,
        'layer.1.weight': gamma,
        'layer.1.bias': beta,
        'layer.1.running_mean': mean,
        'layer.1.running_var': variance,
      };
      const state = new StateDict(new Map(Object.entries(arrays)), 'net.pth');
      const shape = [6, 3 / window.groups, 3, 3] as const;
      const layer = convNorm(state, 'layer.0', 'layer.1', { shape, ...window });
      state.finish('net');
      const zero = build([6], () => 0);
      const convolved = plainConv(x, weight, zero, window);
      const expected = build(convolved.shape, (index) => {
        const channel = [index[1]!];
        const normal = (at(convolved, index) - at(mean, channel)) / Math.sqrt(at(variance, channel) + 1e-5);
        return normal * at(gamma, channel) + at(beta, channel);
      });
      const { result } = await evaluate({ result: layer(input('x', x.shape)) }, { x });
      expect(result!.shape).toEqual(expected.shape);
      expect(difference(result!, expected)).toBeLessThan(1e-4);
    });
  });
});
