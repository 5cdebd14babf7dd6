import { describe, expect, it } from '@jest/globals';
import { constant, grad, input } from '@farout/tensor';
import { apply } from '@farout/tensor/graph';

const image = input('x', ['N', 2, 4, 4]);
const weight = constant({ data: new Float32Array(8), shape: [1, 2, 2, 2] });

describe('grad', () => {
  it('has the shape of what it is taken with respect to', () => {
    expect(grad(image.conv(weight, { stride: 2 }).relu().flatten().sum(), image).shape).toEqual(image.shape);
  });

  it('refuses anything but a scalar', () => {
    expect(() => grad(image.sum(), image)).toThrow('grad: only a scalar has a gradient, not a tensor (N, 2, 4)');
  });

  it('refuses a tensor that the scalar was not made of', () => {
    expect(() => grad(image.flatten().sum(), input('y', ['N']))).toThrow(
      'grad: the scalar does not depend on the tensor',
    );
  });

  it('names the operator that has no derivative, and the shapes it is used on', () => {
    const flat = input('y', [4]);
    const sine = apply({ type: 'Sin', infer: ([x]) => x! }, [flat], {});
    expect(() => grad(sine.sum(), flat)).toThrow(
      expect.objectContaining({
        code: 'OOD_DETECTOR_FAILED',
        message: 'grad: Sin of (4) has no derivative',
      }),
    );
  });

  it('says that a convolution cannot be differentiated by its weight', () => {
    const w = input('w', [1, 2, 2, 2]);
    expect(() => grad(image.conv(w).flatten().sum(), w)).toThrow(
      'Conv: there is no derivative with respect to its weight',
    );
  });

  it('goes through ten thousand operators without overflowing the stack', () => {
    const x = input('x', []);
    let y = x;
    for (let i = 0; i < 10_000; i++) y = y.add(1);
    expect(grad(y, x).shape).toEqual([]);
  });
});
