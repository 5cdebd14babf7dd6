import { describe, expect, it } from '@jest/globals';
import { constant, grad, input } from '@farout/tensor';
import { onnxOperator } from '../src/index.ts';

const image = input('x', ['N', 2, 4, 4]);

describe('grad', () => {
  const byte = constant({ data: Int8Array.of(0), shape: [] });
  const step = constant({ data: Float32Array.of(0.1), shape: [] });
  const quantised = {
    QuantizeLinear: (x: typeof image) =>
      onnxOperator('DequantizeLinear', [onnxOperator('QuantizeLinear', [x, step, byte])[0], step, byte])[0]!,
    DynamicQuantizeLinear: (x: typeof image) =>
      onnxOperator('DequantizeLinear', [...onnxOperator('DynamicQuantizeLinear', [x], {}, { results: 3 })])[0]!,
  };

  it.each(Object.entries(quantised))('says that none passes through a quantised network: %s', (type, round) => {
    // An operator without a derivative before it is not the one to name.
    const rounded = round(onnxOperator('Sin', [image])[0]!);
    expect(() => grad(rounded.relu().flatten().sum(), image)).toThrow(
      expect.objectContaining({
        code: 'OOD_ONNX_REFUSED',
        message: expect.stringMatching(
          `^grad: no gradient passes through a quantised network: ${type} .* has no derivative$`,
        ) as unknown,
        fix: expect.stringContaining('before quantisation') as unknown,
      }),
    );
  });
});
