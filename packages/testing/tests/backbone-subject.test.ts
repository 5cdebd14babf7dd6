import type { Tensor } from '@farout/tensor';
import { describe, expect, it } from '@jest/globals';
import { GeneratedStateDict } from '../src/backbone-subject.ts';

const numbersOf = ({ origin }: Tensor) => (origin.kind === 'constant' ? Array.from(origin.array.data, Number) : []);
const take = (name: string, shape: readonly number[]) => numbersOf(new GeneratedStateDict().take(name, shape));

describe('GeneratedStateDict', () => {
  it('holds any parameter, of the shape that is asked for', () => {
    const state = new GeneratedStateDict();
    for (const shape of [[], [4], [4, 3], [4, 3, 2, 2]]) {
      const parameter = state.take('any', shape);
      expect(parameter.shape).toEqual(shape);
      expect(numbersOf(parameter)).toHaveLength(shape.reduce((product, size) => product * size, 1));
    }
  });

  it('gives the same numbers for the same name and others for another', () => {
    expect(take('conv1.weight', [8, 3])).toEqual(take('conv1.weight', [8, 3]));
    expect(take('conv1.weight', [8, 3])).not.toEqual(take('conv2.weight', [8, 3]));
  });

  it('gives vectors between ½ and 1½', () => {
    const variance = take('bn.running_var', [1000]);
    expect(Math.min(...variance)).toBeGreaterThanOrEqual(0.5);
    expect(Math.max(...variance)).toBeLessThanOrEqual(1.5);
    expect(new Set(variance).size).toBeGreaterThan(900);
  });

  it('gives kernels of mean 0 and variance 4/3 over the inputs of a unit', () => {
    const kernel = take('conv.weight', [64, 16, 3, 3]);
    const mean = kernel.reduce((sum, value) => sum + value, 0) / kernel.length;
    const variance = kernel.reduce((sum, value) => sum + value * value, 0) / kernel.length;
    expect(mean).toBeCloseTo(0, 2);
    expect((variance * 16 * 9) / (4 / 3)).toBeCloseTo(1, 1);
  });

  it('has nothing left over', () => {
    expect(() => new GeneratedStateDict().finish()).not.toThrow();
  });
});
