import { describe, expect, it } from '@jest/globals';
import { create, toBinary } from '@bufbuild/protobuf';
import { input, type Tensor } from '@farout/tensor';
import { readOnnx } from '../src/index.ts';
import { ModelProtoSchema } from '../src/onnx_pb.ts';

type Node = Readonly<Record<string, unknown>>;

const node = (opType: string, input: string[], output: string[], attribute: Node[] = []): Node => ({
  ...{ name: output[0], opType, input, output, attribute },
});
const graph = (nodes: Node[], output: string, initializer: Node[] = []): Node => ({
  ...{ node: nodes, output: [{ name: output }], initializer },
});
const branch = (name: string, g: Node): Node => ({ name, type: 5, g });
const bool = (name: string, value: boolean) => ({ name, dims: [], dataType: 9, rawData: Uint8Array.of(Number(value)) });
const whole = (name: string, value: number) => ({ name, dims: [], dataType: 7, int64Data: [BigInt(value)] });
const half = { name: 'own', dims: [], dataType: 1, floatData: [0.5] };

/** y = relu(x · 0.5) where the condition holds, else y = −x. Both branches call their result alike. */
const fork = (condition: string, output = 'y') =>
  node(
    'If',
    [condition],
    [output],
    [
      branch('then_branch', graph([node('Mul', ['x', 'own'], ['inner']), node('Relu', ['inner'], ['r'])], 'r', [half])),
      branch('else_branch', graph([node('Neg', ['x'], ['r'])], 'r')),
    ],
  );

async function read(nodes: Node[], initializer: Node[], shape: (number | string)[] = ['N', 4]) {
  const dim = shape.map((value) => ({
    value: typeof value === 'number' ? { case: 'dimValue', value: BigInt(value) } : { case: 'dimParam', value },
  }));
  const x = { name: 'x', type: { value: { case: 'tensorType', value: { elemType: 1, shape: { dim } } } } };
  const model = {
    opsetImport: [{ domain: '', version: 17n }],
    graph: { node: nodes, initializer, input: [x], output: [{ name: 'y' }] },
  };
  return readOnnx(toBinary(ModelProtoSchema, create(ModelProtoSchema, model as never)));
}

const operatorOf = ({ origin }: Tensor) => (origin.kind === 'operation' ? origin.operator.type : origin.kind);
const resultOf = (model: Awaited<ReturnType<typeof read>>) =>
  operatorOf(model.trace({ x: input('x', ['N', 4]) }).get('y')!);

describe('If', () => {
  it.each([
    [true, ['Mul', 'Relu', 'Identity'], 'Relu'],
    [false, ['Neg', 'Identity'], 'Neg'],
  ])('is the branch that a constant condition chooses: %s', async (holds, types, operator) => {
    const model = await read([fork('c')], [bool('c', holds)]);
    expect(model.nodes.map(({ type }) => type)).toEqual(types);
    expect(resultOf(model)).toBe(operator);
  });

  it('is chosen by conditions that follow from constants and sizes', async () => {
    const sizes = [
      node('Shape', ['x'], ['shape']),
      node('Gather', ['shape', 'one'], ['width']),
      node('Equal', ['width', 'four'], ['same']),
      node('Not', ['same'], ['c']),
    ];
    expect(resultOf(await read([...sizes, fork('c')], [whole('one', 1), whole('four', 4)]))).toBe('Neg');
  });

  it('is chosen by a size that is known once it is applied', async () => {
    const sizes = [
      node('Shape', ['x'], ['shape']),
      node('Gather', ['shape', 'one'], ['width']),
      node('Equal', ['width', 'four'], ['c']),
    ];
    expect(resultOf(await read([...sizes, fork('c')], [whole('one', 1), whole('four', 4)], ['N', 'W']))).toBe('Relu');
  });

  it('may stand in a branch, and read what stands before it', async () => {
    const outer = node(
      'If',
      ['c'],
      ['y'],
      [
        branch('then_branch', graph([fork('c', 'z'), node('Abs', ['z'], ['a'])], 'a')),
        branch('else_branch', graph([node('Neg', ['x'], ['r'])], 'r')),
      ],
    );
    const model = await read([outer], [bool('c', true)]);
    expect(model.nodes.map(({ type }) => type)).toEqual(['Mul', 'Relu', 'Identity', 'Abs', 'Identity']);
    expect(resultOf(model)).toBe('Abs');
  });

  it('is refused where the images decide', async () => {
    const model = await read(
      [node('ReduceMax', ['x'], ['m']), node('Greater', ['m', 'own'], ['c']), fork('c')],
      [half],
    );
    expect(() => resultOf(model)).toThrow('If "y" depends on the images, and control flow is not supported');
  });
});
