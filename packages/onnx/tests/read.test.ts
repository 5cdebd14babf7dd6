import { describe, expect, it } from '@jest/globals';
import { create, toBinary } from '@bufbuild/protobuf';
import { grad, input, TensorError, type Shape } from '@farout/tensor';
import fc from 'fast-check';
import { OnnxError, onnxOperator, readOnnx, type OnnxModel } from '../src/index.ts';
import { ModelProtoSchema, type AttributeProto, type NodeProto, type TensorProto } from '../src/onnx_pb.ts';

type Init<T> = Partial<Omit<T, '$typeName' | '$unknown'>>;

/** A model as a file has it: nodes, constants, and inputs by their shapes. */
interface Source {
  readonly nodes: readonly Init<NodeProto>[];
  readonly constants?: readonly Init<TensorProto>[];
  readonly inputs?: Readonly<Record<string, Shape>>;
  readonly output?: string;
  readonly version?: number;
  readonly extra?: object;
}

const float = 1;
const valueOf = (name: string, shape?: Shape) => ({
  name,
  type: {
    value: {
      case: 'tensorType',
      value: {
        elemType: float,
        ...(shape && {
          shape: {
            dim: shape.map((size) => ({
              value:
                typeof size === 'number'
                  ? { case: 'dimValue', value: BigInt(size) }
                  : { case: 'dimParam', value: size },
            })),
          },
        }),
      },
    },
  },
});

function bytesOf({ nodes, constants = [], inputs = { x: ['N', 4] }, output = 'y', version = 17, extra }: Source) {
  const graph = {
    node: nodes.map((node) => ({ output: ['y'], ...node })),
    initializer: constants,
    input: Object.entries(inputs).map(([name, shape]) => valueOf(name, shape)),
    output: [valueOf(output)],
    ...extra,
  };
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, { opsetImport: [{ domain: '', version: BigInt(version) }], graph } as never),
  );
}

const read = (source: Source) => readOnnx(bytesOf(source));
const relu: Source = { nodes: [{ opType: 'Relu', input: ['x'], name: 'first' }] };
const ints = (name: string, ...values: number[]): Init<TensorProto> => ({
  name,
  dims: [BigInt(values.length)],
  dataType: 7,
  int64Data: values.map(BigInt),
});
const attribute = (name: string, value: Init<AttributeProto>) => ({ name, ...value }) as AttributeProto;

const shapeOf = (model: OnnxModel, shape: Shape, name = 'y') => model.trace({ x: input('x', shape) }).get(name)!.shape;

describe('readOnnx', () => {
  it('says what a file takes, gives and holds', async () => {
    const model = await read({ ...relu, constants: [ints('counts', 1, 2)] });
    expect(model.inputs).toEqual([{ name: 'x', shape: ['N', 4], dtype: 'float32' }]);
    expect(model.outputs).toEqual([{ name: 'y', shape: undefined, dtype: 'float32' }]);
    expect(model.nodes).toMatchObject([{ type: 'Relu', name: 'first', domain: '', inputs: ['x'], outputs: ['y'] }]);
    expect(model.constants.get('counts')).toEqual({ data: BigInt64Array.of(1n, 2n), shape: [2] });
  });

  it('applies a network to inputs of another batch', async () => {
    expect(shapeOf(await read(relu), ['M', 4])).toEqual(['M', 4]);
    expect(shapeOf(await read(relu), [3, 4])).toEqual([3, 4]);
  });

  it('takes a constant that is an input too, as old files have it, for a constant', async () => {
    const model = await read({
      nodes: [{ opType: 'Reshape', input: ['x', 'shape'] }],
      constants: [ints('shape', 0, 2, 2)],
      inputs: { x: ['N', 4], shape: [3] },
    });
    expect(model.inputs.map(({ name }) => name)).toEqual(['x']);
    expect(shapeOf(model, ['N', 4])).toEqual(['N', 2, 2]);
  });

  it('reads numbers of half precision, and of fields instead of bytes', async () => {
    const model = await read({
      ...relu,
      constants: [
        {
          name: 'half',
          dims: [4n],
          dataType: 10,
          rawData: new Uint8Array(Uint16Array.of(0x3c00, 0xc000, 1, 0x7c00).buffer),
        },
        { name: 'brain', dims: [2n], dataType: 16, int32Data: [0x3f80, 0xc040] },
        { name: 'float', dims: [], dataType: 1, floatData: [0.5] },
        { name: 'double', dims: [1n], dataType: 11, doubleData: [0.1] },
      ],
    });
    const dataOf = (name: string) => model.constants.get(name)!.data;
    expect(dataOf('half')).toEqual(Float32Array.of(1, -2, 2 ** -24, Infinity));
    expect(dataOf('brain')).toEqual(Float32Array.of(1, -3));
    expect(dataOf('float')).toEqual(Float32Array.of(0.5));
    expect(dataOf('double')).toEqual(Float64Array.of(0.1));
  });

  it('asks for numbers in other files', async () => {
    const external = {
      name: 'w',
      dims: [2n],
      dataType: 1,
      dataLocation: 1,
      externalData: Object.entries({ location: 'w.bin', offset: '4', length: '8' }).map(([key, value]) => ({
        key,
        value,
      })),
    } as Init<TensorProto>;
    const asked: unknown[] = [];
    const model = await readOnnx(bytesOf({ ...relu, constants: [external] }), (...wanted) => {
      asked.push(wanted);
      return Promise.resolve(new Uint8Array(Float32Array.of(3, 4).buffer));
    });
    expect(asked).toEqual([['w.bin', 4, 8]]);
    expect(model.constants.get('w')!.data).toEqual(Float32Array.of(3, 4));
    await expect(read({ ...relu, constants: [external] })).rejects.toThrow(
      'its data is in another file, "w.bin", which is not available',
    );
  });

  it('computes sizes that are made of sizes', async () => {
    const model = await read({
      nodes: [
        { opType: 'Shape', input: ['x'], output: ['shape'] },
        { opType: 'Gather', input: ['shape', 'zero'], output: ['batch'] },
        {
          opType: 'Concat',
          input: ['batch', 'rest'],
          output: ['target'],
          attribute: [attribute('axis', { i: 0n, type: 2 })],
        },
        { opType: 'Reshape', input: ['x', 'target'] },
      ],
      constants: [ints('zero', 0), ints('rest', 2, -1)],
    });
    expect(shapeOf(model, ['M', 4])).toEqual(['M', 2, 2]);
  });

  it('keeps an operator that it does not know, and says so where its shape or derivative is wanted', async () => {
    const model = await read({
      nodes: [
        { opType: 'Det', input: ['x'], output: ['d'], name: 'volume' },
        { opType: 'Relu', input: ['d'] },
      ],
      inputs: { x: ['N', 2, 2] },
    });
    const x = input('x', ['N', 2, 2]);
    const y = model.trace({ x }).get('y')!;
    expect(y.hasShape).toBe(false);
    expect(() => y.shape).toThrow(new TensorError('the shape of the result of Relu (node "y") is not known'));
    expect(() => grad(y.reshape(['N']).sum(), x)).toThrow(
      new TensorError('grad: Det (node "volume") of (N, 2, 2) has no derivative'),
    );
  });
});

/** What is refused, and what the error says. */
const refused: Record<string, [Source, string | RegExp]> = {
  'an operator set before 7': [{ ...relu, version: 6 }, 'it is written in operator set 6; the oldest supported is 7'],
  'no nodes': [{ nodes: [] }, 'it is not an ONNX model: it has no graph'],
  'sparse constants': [
    { ...relu, extra: { sparseInitializer: [{}] } },
    'it has sparse constants, which are not supported',
  ],
  'control flow': [
    {
      nodes: [
        { opType: 'Loop', input: ['x'], name: 'again', attribute: [attribute('body', { type: 5, g: {} as never })] },
      ],
    },
    'Loop "again" is control flow, which is not supported',
  ],
  'elements of a type that is not read': [
    { ...relu, constants: [{ name: 'text', dims: [1n], dataType: 8 }] },
    'the tensor "text" has elements of ONNX\'s type 8, which is not supported',
  ],
  'elements that do not fill a shape': [
    { ...relu, constants: [{ name: 'w', dims: [2n], dataType: 1, floatData: [1] }] },
    'the tensor "w" has a different number of elements than its shape',
  ],
  'a negative size': [
    { ...relu, constants: [{ name: 'w', dims: [-1n], dataType: 1 }] },
    'the tensor "w" has the shape (-1)',
  ],
};

describe('readOnnx refuses', () => {
  it.each(Object.entries(refused))('%s', async (_, [source, message]) => {
    await expect(read(source)).rejects.toThrow(message);
    await expect(read(source)).rejects.toBeInstanceOf(OnnxError);
  });

  it('what is no model', async () => {
    await expect(readOnnx(Uint8Array.of(255, 255, 255))).rejects.toThrow('it is not an ONNX model, or it is damaged');
    await expect(readOnnx(new Uint8Array(0))).rejects.toThrow('it is not an ONNX model: it has no graph');
  });

  it('a node that reads what nothing gives, once it is applied', async () => {
    const model = await read({ nodes: [{ opType: 'Relu', input: ['z'], name: 'lost' }] });
    expect(() => shapeOf(model, ['N', 4])).toThrow(
      new OnnxError('Relu "lost" reads "z", which no earlier node produces'),
    );
  });

  it('operands that do not fit, once it is applied', async () => {
    const model = await read({
      nodes: [{ opType: 'Reshape', input: ['x', 's'], name: 'r' }],
      constants: [ints('s', 5, 7)],
    });
    expect(() => shapeOf(model, [2, 4])).toThrow(/^Reshape "r" cannot be read: .*\(2, 4\) do not fill \(5, 7\)$/);
  });

  it.each(['MaxPool', 'AveragePool'])('a pooling of what is no image, once it is applied: %s', (type) => {
    const kernel = { kernel_shape: [2, 2], ceil_mode: 1 };
    expect(() => onnxOperator(type, [input('x', ['N', 3, 8])], kernel)).toThrow(
      `${type}: x must be (N, C, H, W), not (N, 3, 8)`,
    );
  });

  it('damaged files of all kinds, with an error of its own', async () => {
    const whole = bytesOf({
      nodes: [
        {
          opType: 'Conv',
          input: ['x', 'w'],
          output: ['c'],
          attribute: [attribute('pads', { ints: [1n, 1n, 1n, 1n], type: 7 })],
        },
        { opType: 'Shape', input: ['c'], output: ['shape'] },
        { opType: 'Slice', input: ['shape', 'one', 'two'], output: ['size'] },
        { opType: 'Tile', input: ['c', 'shape'], output: ['t'] },
        { opType: 'Softmax', input: ['c'] },
      ],
      constants: [
        ints('one', 1),
        ints('two', 2),
        { name: 'w', dims: [1n, 1n, 3n, 3n], dataType: 1, floatData: new Array<number>(9).fill(1) },
      ],
      inputs: { x: ['N', 1, 4, 4] },
    });
    const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(damage, fc.nat(whole.length), async (changes, length) => {
        const bytes = whole.slice(0, length % 3 === 0 ? length : whole.length);
        for (const [at, value] of changes) bytes[at % Math.max(bytes.length, 1)] = value;
        try {
          const model = await readOnnx(bytes);
          model.trace({ x: input('x', ['N', 1, 4, 4]) });
        } catch (error) {
          expect(error).toBeInstanceOf(OnnxError);
        }
      }),
      { seed: 11, numRuns: 3000 },
    );
  });
});
