import { describe, expect, it } from '@jest/globals';
import { input, type Tensor } from '@farout/tensor';
import { onnxOperator } from '../src/index.ts';
import { written } from './parts/written.ts';

/** Behind an operator without a known shape all others are known by their names alone. */
const unknown = (): Tensor => onnxOperator('Det', [input('x', ['N', 2, 2])])[0]!;

/** The node that is written for one of an older operator set: its operands that are constants, and its attributes. */
function modern(type: string, attributes: Parameters<typeof onnxOperator>[2], version: number) {
  const graph = written({ y: onnxOperator(type, [unknown()], attributes, { version })[0]!.reshape(['n']) });
  const node = graph.node.find(({ opType }) => opType === type)!;
  const numbers = node.input.slice(1).map((name) => {
    const { rawData, dataType } = graph.initializer.find((each) => each.name === name) ?? {};
    if (!rawData) return undefined;
    const { buffer } = rawData.slice();
    return dataType === 7 ? [...new BigInt64Array(buffer)].map(Number) : [...new Float32Array(buffer)];
  });
  return { numbers, attributes: node.attribute.map(({ name }) => name) };
}

describe('an operator that is known by its name alone', () => {
  it.each([
    ['ReduceMean', { axes: [2, 3], keepdims: 0 }, 13, [[2, 3]], ['keepdims']],
    ['Squeeze', { axes: [1] }, 11, [[1]], []],
    ['Slice', { starts: [0], ends: [5] }, 9, [[0], [5], undefined], []],
    ['Clip', { max: { float: 6 } }, 6, [undefined, [6]], []],
    ['TopK', { k: 3, axis: 1 }, 11, [[3]], ['axis']],
    ['ReduceMean', { keepdims: 1 }, 13, [], ['keepdims']],
    ['Split', { axis: 1 }, 13, [], ['axis', 'num_outputs']],
  ] as const)(
    'gives its settings as newer operator sets want them: %s %j',
    (type, attributes, version, numbers, kept) => {
      expect(modern(type, attributes as never, version)).toEqual({ numbers, attributes: kept });
    },
  );
});
