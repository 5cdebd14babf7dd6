import { describe, expect, it } from '@jest/globals';
import { constant, foldBatchNorm } from '@farout/tensor';
import { written } from './parts/written.ts';

const numbers = (shape: number[], ...values: number[]) => constant({ data: Float32Array.from(values), shape });

describe('foldBatchNorm', () => {
  const weight = constant({ data: Float32Array.of(1, 2, 3, 4), shape: [2, 2, 1, 1] }, 'conv1.weight');
  const folded = foldBatchNorm(weight, {
    scale: numbers([2], 6, 1),
    shift: constant({ data: Float32Array.of(10, 20), shape: [2] }, 'bn1.bias'),
    mean: numbers([2], 5, 8),
    variance: numbers([2], 3, 0),
    epsilon: 1,
  });

  it('scales each output channel by γ / √(σ² + ε), and moves it by β − that · μ', () => {
    const [w, b] = written({ weight: folded.weight, bias: folded.bias }).initializer;
    expect(new Float32Array(w!.rawData.slice().buffer)).toEqual(Float32Array.of(3, 6, 3, 4));
    expect(new Float32Array(b!.rawData.slice().buffer)).toEqual(Float32Array.of(10 - 3 * 5, 20 - 8));
  });

  it('keeps the names, so that the written graph can be read', () => {
    const { initializer } = written({ weight: folded.weight, bias: folded.bias });
    expect(initializer.map(({ name }) => name)).toEqual(['conv1.weight', 'bn1.bias']);
  });
});
