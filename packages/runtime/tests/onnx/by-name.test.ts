import { describe, expect, it } from '@jest/globals';
import { evaluate } from '@farout/runtime';
import { onnxOperator, readOnnx } from '@farout/onnx';
import { constant, grad, input } from '@farout/tensor';
import { between, floats, ints } from '../parts/arrays.ts';
import { expectValues } from '../parts/like-onnxruntime.ts';
import { oneNodeModel, type NodeCase } from '../parts/one-node-model.ts';
import { numbers } from '../parts/plain.ts';

const x = between(-1, 1, [2, 3, 4, 4], 1, { dtype: Float32Array });

/** Operators, and forms of operators, that are known by their names alone. */
const unknown: Record<string, NodeCase> = {
  Sin: { type: 'Sin', inputs: [x] },
  Shrink: { type: 'Shrink', inputs: [x], attributes: { lambd: { float: 0.3 } } },
  'TopK with both results': { type: 'TopK', inputs: [x, ints([2])], attributes: { axis: -1 }, results: 2 },
  Einsum: { type: 'Einsum', inputs: [x, numbers([4, 2], 2)], attributes: { equation: 'abcd,de->abce' } },
  'Conv of sequences': { type: 'Conv', inputs: [numbers([1, 2, 5], 1), numbers([3, 2, 2], 2)] },
  'MaxPool that says where the maxima are': {
    type: 'MaxPool',
    inputs: [x],
    attributes: { kernel_shape: [2, 2] },
    results: 2,
  },
  'Resize with antialiasing': {
    type: 'Resize',
    inputs: [x, undefined, floats([1, 1, 0.5, 0.5])],
    attributes: { mode: 'linear', antialias: 1 },
  },
};

describe('an operator that is not known', () => {
  it.each(Object.entries(unknown))('runs as onnxruntime has it: %s', async (_, node) => expectValues(node));

  it('is written with all of its results though only the first is used, as ONNX may demand it', async () => {
    const row = constant({ data: Float32Array.of(3, 9, 7), shape: [3] });
    const count = constant({ data: BigInt64Array.of(2n), shape: [1] });
    const [largest] = onnxOperator('TopK', [row, count], {}, { results: 2 });
    expect((await evaluate({ largest: largest! }, {})).largest).toEqual({ data: Float32Array.of(9, 7), shape: [2] });
  });

  it('is named by grad, with its node', () => {
    const symbol = input('x', ['N', 4]);
    const [y] = onnxOperator('Sin', [symbol]);
    expect(() => grad(y!.reshape(['N']).sum(), symbol)).toThrow(/Sin \(node "Sin"\)/);
  });

  it('is named by grad, with its node, where the file says its shape', async () => {
    const { trace } = await readOnnx(oneNodeModel({ type: 'Sin', inputs: [x], declared: [2, 3, 4, 4] }));
    const symbol = input('x', [2, 3, 4, 4]);
    const y = trace({ x: symbol }).get('y0')!;
    expect(() => grad(y.flatten().sum(), symbol)).toThrow(
      /grad: Sin \(node "y0"\) of \(2, 3, 4, 4\) has no derivative/,
    );
  });

  it('is an error where it means something else in the operator set that is written', () => {
    const symbol = input('x', [2, 3, 4]);
    const unlike = {
      Resize: [10, { mode: 'nearest' }],
      Softmax: [11, { axis: 1 }],
    } as const;
    for (const [type, [version, attributes]] of Object.entries(unlike)) {
      const [vague] = onnxOperator('Det', [symbol]);
      expect(() => onnxOperator(type, [vague], attributes as NodeCase['attributes'], { version })).toThrow(
        /has another meaning in newer ones/,
      );
    }
  });
});
