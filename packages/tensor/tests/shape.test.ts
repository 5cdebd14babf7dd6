import { describe, expect, it } from '@jest/globals';
import { input } from '../src/index.ts';

const of = (...shape: (number | string)[]) => input('x', shape);

describe('shapes', () => {
  it('broadcast from the last axis on; a named size stays named', () => {
    expect(of('N', 3).add(of(3)).shape).toEqual(['N', 3]);
    expect(of(3).add(of('N', 1)).shape).toEqual(['N', 3]);
    expect(of('N', 1).mul(of('N', 4)).shape).toEqual(['N', 4]);
    expect(of().add(of(2, 'N')).shape).toEqual([2, 'N']);
    expect(of(1).sub(of('N')).shape).toEqual(['N']);
  });

  it('lose reduced axes, or keep them with size 1', () => {
    expect(of('N', 4, 5).sum([0, -1]).shape).toEqual([4]);
    expect(of('N', 4, 5).max(1, { keepDims: true }).shape).toEqual(['N', 1, 5]);
    expect(of('N').mean().shape).toEqual([]);
  });

  it('of convolution and pooling count the places of the window', () => {
    expect(of('N', 3, 224, 224).conv(of(64, 3, 7, 7), { stride: 2, padding: 3 }).shape).toEqual(['N', 64, 112, 112]);
    expect(of('N', 64, 112, 112).maxPool({ kernel: 3, stride: 2, padding: 1 }).shape).toEqual(['N', 64, 56, 56]);
    expect(of('N', 32, 7, 5).conv(of(32, 1, 3, 3), { groups: 32 }).shape).toEqual(['N', 32, 5, 3]);
  });

  it('of a linear layer are (N, K), dtypes those of the operands', () => {
    const logits = of('N', 8).linear(of(5, 8), of(5));
    expect([logits.shape, logits.dtype, logits.argMax().dtype]).toEqual([['N', 5], 'float32', 'int64']);
  });

  it('stay when the dtype changes; a cast to the same dtype is the same tensor', () => {
    const x = of('N', 2);
    expect([x.cast('int32').shape, x.cast('int32').dtype]).toEqual([['N', 2], 'int32']);
    expect(x.cast('float32')).toBe(x);
  });
});
