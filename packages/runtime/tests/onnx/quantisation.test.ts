import { describe, it } from '@jest/globals';
import { between, floats } from '../parts/arrays.ts';
import { expectValues } from '../parts/like-onnxruntime.ts';
import type { NodeCase } from '../parts/one-node-model.ts';

const x = between(-2, 2, [2, 3, 4, 4], 1, { dtype: Float32Array });
const bytes = (shape: readonly number[], seed: number) => {
  const data = Int8Array.from(
    { length: shape.reduce((a, b) => a * b, 1) },
    (_, i) => ((i * 37 + seed * 11) % 255) - 127,
  );
  return { data, shape };
};
const unsigned = ({ data, shape }: ReturnType<typeof bytes>) => ({
  data: Uint8Array.from(data, (each) => each + 128),
  shape,
});
const scale = floats([0.05], []);
const perChannel = floats([0.01, 0.02, 0.03]);
const zero = { data: Int8Array.of(3), shape: [] };
const zeros = { data: Int8Array.of(1, -2, 3), shape: [3] };
const byte = { data: Uint8Array.of(120), shape: [] };

/** A scale is the variable where values are whole numbers. */
const nodes: Record<string, NodeCase> = {
  'QuantizeLinear to int8': { type: 'QuantizeLinear', inputs: [x, scale, zero] },
  'QuantizeLinear to uint8, which is not said': { type: 'QuantizeLinear', inputs: [x, scale] },
  'QuantizeLinear of every channel': {
    type: 'QuantizeLinear',
    inputs: [x, perChannel, zeros],
    attributes: { axis: 1 },
  },
  'QuantizeLinear to uint16': {
    type: 'QuantizeLinear',
    inputs: [x, scale, { data: Uint16Array.of(300), shape: [] }],
    version: 21,
  },
  DequantizeLinear: { type: 'DequantizeLinear', inputs: [bytes([2, 3], 1), scale, zero], by: 1 },
  'DequantizeLinear of int32': {
    type: 'DequantizeLinear',
    inputs: [{ data: Int32Array.of(-70000, 5), shape: [2] }, scale],
    by: 1,
  },
  DynamicQuantizeLinear: { type: 'DynamicQuantizeLinear', inputs: [x], results: 3 },
  QLinearMatMul: {
    type: 'QLinearMatMul',
    inputs: [
      unsigned(bytes([2, 3], 1)),
      scale,
      byte,
      bytes([3, 4], 2),
      floats([0.02], []),
      zero,
      floats([0.3], []),
      byte,
    ],
    by: 1,
  },
  'QLinearConv without a bias': {
    type: 'QLinearConv',
    inputs: [
      ...[unsigned(bytes([1, 3, 5, 5], 1)), scale, byte],
      ...[bytes([2, 3, 3, 3], 2), floats([0.02, 0.01]), { data: Int8Array.of(0, 0), shape: [2] }],
      ...[floats([0.3], []), byte],
    ],
    attributes: { pads: [1, 1, 1, 1], strides: [2, 2] },
    by: 1,
  },
};

describe('numbers of eight bits', () => {
  it.each(Object.entries(nodes))('are what onnxruntime makes of them: %s', async (_, node) => expectValues(node));
});
