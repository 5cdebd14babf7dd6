import { fromBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import { constant, input, type Tensor } from '@farout/tensor';
import { activation, pooling } from '@farout/tensor/graph';
import { onnxOperator, writeOnnx, type Sizes } from '../src/index.ts';
import { ModelProtoSchema } from '../src/onnx_pb.ts';
import { operators, written } from './parts/written.ts';

const vector = (...values: number[]) => ({ data: Float32Array.from(values), shape: [values.length] });
const x = input('x', ['N', 3]);

/** The model that is written for other programs. */
const portable = (outputs: Record<string, Tensor>) => {
  const model = fromBinary(ModelProtoSchema, writeOnnx(outputs, { portable: true }));
  const versions = [model.irVersion, ...model.opsetImport.map(({ version }) => version)];
  return { versions, nodes: model.graph!.node };
};

describe('writeOnnx', () => {
  it('writes for other programs in operator set 17 and format 8, where axes are attributes and no Gelu is', () => {
    const { versions, nodes } = portable({
      largest: x.max(),
      sum: x.sum(),
      gelu: x.apply(activation.gelu, { approximate: 'none' }),
    });
    expect(versions).toEqual([8n, 17n]);
    const attributesOf = (type: string) =>
      nodes.find(({ opType }) => opType === type)?.attribute.map(({ name }) => name);
    expect(attributesOf('ReduceMax')).toEqual(['keepdims', 'axes']);
    expect(attributesOf('ReduceSum')).toEqual(['keepdims']);
    expect(attributesOf('Gelu')).toBeUndefined();
    expect(attributesOf('Erf')).toEqual([]);
  });

  it('writes logarithms for other programs as such, of vectors in a column: OpenCV takes no others', () => {
    const types = (y: Tensor) => portable({ y }).nodes.map(({ opType }) => opType);
    expect(types(x.log())).toEqual(['Log', 'Identity']);
    expect(types(input('v', ['N']).log())).toEqual(['Unsqueeze', 'Log', 'Reshape', 'Identity']);
  });

  it('says the sizes of kernels to other programs', () => {
    const image = input('image', ['N', 1, 4, 4]);
    const { nodes } = portable({ y: image.conv(constant({ data: new Float32Array(6), shape: [1, 1, 3, 2] })) });
    const kernel = nodes.find(({ opType }) => opType === 'Conv')!.attribute.find(({ name }) => name === 'kernel_shape');
    expect(kernel!.ints).toEqual([3n, 2n]);
  });

  it('keeps to the newest operators where one is needed that is newer than set 17', () => {
    const image = input('image', ['N', 1, 8, 8]);
    const dilated = image.apply(pooling.averagePool, {
      ...{ kernel_shape: [2, 2], strides: [1, 1], pads: [0, 0, 0, 0], dilations: [2, 2] },
      ...{ ceil_mode: 0, count_include_pad: 0 },
    });
    const [named] = onnxOperator('Det', [input('square', ['N', 3, 3])]);
    expect(portable({ dilated }).versions).toEqual([9n, 20n]);
    expect(portable({ named: named! }).versions).toEqual([9n, 20n]);
  });

  it('writes what the file says of itself', () => {
    const metadata = { farout: '{"schemaVersion":1}', license: 'BSD' };
    const model = fromBinary(ModelProtoSchema, writeOnnx({ y: x.exp() }, { metadata, producerVersion: '1.2.3' }));
    expect(model.metadataProps.map(({ key, value }) => [key, value])).toEqual(Object.entries(metadata));
    expect([model.producerName, model.producerVersion]).toEqual(['farout', '1.2.3']);
  });

  it('writes what two outputs have in common once, also when it was built twice', () => {
    const rows = input('x', ['N', 4]);
    const shared = { energy: rows.logSumExp(), confidence: rows.softmax().max() };
    // One maximum that stays and one that goes, one difference, one exponential: softmax and log-sum-exp share them.
    const reductions = ['ReduceMax', 'ReduceMax', 'ReduceMax', 'ReduceSum', 'ReduceSum'];
    expect(operators(shared).sort()).toEqual(
      ['Add', 'Div', 'Exp', 'Unsqueeze', 'ReduceLogSum', ...reductions, 'Sub'].sort(),
    );
    expect(operators({ a: x.exp(), b: x.exp(), c: input('x', ['N', 3]).exp() })).toEqual(['Exp']);
  });

  it('leaves a size open, or writes the one that is said', () => {
    const sizesOf = (sizes: Sizes = {}) => {
      const graph = written({ y: x.sum() }, { sizes });
      return [...graph.input, ...graph.output].map(({ type }) =>
        type?.value.case === 'tensorType' ? type.value.value.shape!.dim.map(({ value }) => value.value) : [],
      );
    };
    expect(sizesOf()).toEqual([['N', 3n], ['N']]);
    expect(sizesOf({ N: 2, M: 5 })).toEqual([[2n, 3n], [2n]]);
  });

  it('writes nothing for what is detached, and what it has in common with the rest once', () => {
    const types = (y: Tensor) => written({ y }).node.map(({ opType }) => opType);
    expect(types(x.exp().detach().add(x.exp()).detach())).toEqual(['Exp', 'Add', 'Identity']);
    expect(types(x.cast('int64').detach().add(1))).toEqual(['Cast', 'Add', 'Identity']);
  });

  it('keeps apart what differs in operands, attributes or axes only', () => {
    expect(
      operators({ a: x.sub(1), b: x.sub(2), c: constant({ data: Float32Array.of(1), shape: [] }).sub(x) }),
    ).toHaveLength(3);
    const rows = input('x', ['N', 4]);
    expect(operators({ a: rows.sum(), b: rows.sum([0, 1]), c: rows.sum(1, { keepDims: true }) })).toHaveLength(3);
    expect(operators({ a: x.cast('float64'), b: x.cast('int32') })).toHaveLength(2);
  });

  it('writes equal small constants once, and large ones once per array', () => {
    const large = { data: new Float32Array(100), shape: [100] };
    const y = input('y', [100]);
    const names = (outputs: Record<string, Tensor>) => written(outputs).initializer.length;
    expect(names({ a: x.add(constant(vector(1, 2, 3))), b: x.mul(constant(vector(1, 2, 3))) })).toBe(1);
    expect(names({ a: y.add(constant(large)), b: y.mul(constant({ ...large })) })).toBe(1);
    expect(names({ a: y.add(constant(large)), b: y.mul(constant({ ...large, data: large.data.slice() })) })).toBe(2);
  });

  it('keeps apart constants that differ in sign of zero, dtype or shape only', () => {
    const arrays = [
      vector(0),
      vector(-0),
      { data: Float64Array.of(0), shape: [1] },
      { data: Float32Array.of(0), shape: [] },
      { data: Float32Array.of(0), shape: [1, 1] },
    ];
    const outputs = Object.fromEntries(arrays.map((array, i) => [`output${i}`, constant(array).neg()]));
    expect(written(outputs).initializer).toHaveLength(arrays.length);
  });

  it('writes the elements, the shape and the name of a constant', () => {
    const { initializer } = written({
      y: x.add(constant({ data: Float32Array.of(1, -2.5, 3), shape: [1, 3] }, 'fc.bias')),
    });
    const [tensor] = initializer;
    expect([tensor!.name, tensor!.dims, tensor!.dataType]).toEqual(['fc.bias', [1n, 3n], 1]);
    expect(new Float32Array(tensor!.rawData.slice().buffer)).toEqual(Float32Array.of(1, -2.5, 3));
  });

  it('writes the elements of a constant that lies in a larger buffer', () => {
    const data = Float32Array.of(9, 1, 2, 9).subarray(1, 3);
    const [tensor] = written({ y: constant({ data, shape: [2] }) }).initializer;
    expect(new Float32Array(tensor!.rawData.slice().buffer)).toEqual(Float32Array.of(1, 2));
  });

  it('writes inputs and outputs with their shapes, named sizes by their names', () => {
    const { input: inputs, output: outputs } = written({ largest: x.max() });
    const sizes = ({ type }: (typeof inputs)[number]) =>
      (type!.value.value as { shape: { dim: { value: { value: unknown } }[] } }).shape.dim.map(
        ({ value }) => value.value,
      );
    expect(inputs.map((value) => [value.name, sizes(value)])).toEqual([['x', ['N', 3n]]]);
    expect(outputs.map((value) => [value.name, sizes(value)])).toEqual([['largest', ['N']]]);
  });

  it('gives the same bytes for the same expressions', () => {
    const build = () => ({
      energy: input('x', ['N', 3]).div(2).logSumExp().mul(2),
      largest: input('x', ['N', 3]).max(),
    });
    expect(writeOnnx(build())).toEqual(writeOnnx(build()));
  });

  it('gives every value of the graph a name of its own, whatever inputs, outputs and constants are called', () => {
    const named = constant(vector(1, 2, 3), 'Exp');
    const other = constant(vector(4, 5, 6), 'Exp');
    const outputs = {
      first: x.exp().add(named),
      Exp: x.exp().mul(other),
      constant: input('Add', [3]).exp().add(7).add(named),
    };
    const { node, initializer, input: inputs } = written(outputs);
    const names = [
      ...node.flatMap(({ output }) => output),
      ...initializer.map(({ name }) => name),
      ...inputs.map(({ name }) => name),
    ];
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
    expect(names).toEqual(expect.arrayContaining(['x', 'Add', 'first', 'Exp', 'constant']));
  });

  it('writes operands before what is made of them', () => {
    const { node, initializer, input: inputs } = written({ y: x.exp().add(x.log()).mul(x.exp()).logSumExp() });
    const known = new Set([...inputs, ...initializer].map(({ name }) => name));
    for (const { input: operands, output } of node) {
      expect(operands.filter((name) => !known.has(name))).toEqual([]);
      output.forEach((name) => known.add(name));
    }
  });

  it('writes expressions 10,000 operators deep without recursion', () => {
    let deep: Tensor = x;
    for (let i = 0; i < 10_000; i++) deep = i % 2 ? deep.exp() : deep.add(x);
    expect(operators({ deep })).toHaveLength(10_000);
  });

  it('writes an expression that doubles at every step in proportion to its steps', () => {
    let doubled: Tensor = x;
    for (let i = 0; i < 1000; i++) doubled = doubled.add(doubled);
    expect(operators({ doubled })).toHaveLength(1000);
  });

  it('refuses two inputs of one name that differ', () => {
    expect(() => writeOnnx({ y: input('h', ['N', 3]).add(input('h', [3])) })).toThrow(
      'input "h" is both float32 (N, 3) and float32 (3)',
    );
  });

  it('refuses an output with the name of an input', () => {
    expect(() => writeOnnx({ y: x.exp(), x: x.exp() })).toThrow('"x" is the name of both an input and an output');
  });
});

describe('an operator whose last bits would follow the place in a batch', () => {
  const reshaped = ['Reshape', 'ReduceSum', 'Reshape'];
  const sums: [string, Tensor, readonly string[]][] = [
    ['of rows that fill no vector registers', input('x', ['N', 6]).sum(), reshaped],
    ['of a middle axis', input('x', ['N', 5, 8]).sum(1), reshaped],
    ['of several axes', input('x', ['N', 3, 5, 5]).sum([2, 3], { keepDims: true }), reshaped],
    ['of the last of several axes', input('x', ['N', 7, 7, 8]).sum(3), reshaped],
    ['of axes that lie apart', input('x', ['N', 3, 5, 7]).sum([1, 3]), [...reshaped, ...reshaped, 'Reshape']],
    ['of 1000 classes as it is', input('x', ['N', 1000]).sum(), ['ReduceSum']],
    ['of everything as it is', input('x', ['N', 6]).sum([0, 1]), ['ReduceSum']],
    ['of whole numbers as it is', input('x', ['N', 6], 'int64').sum(), ['ReduceSum']],
    ['of a size that is not known as it is', input('x', ['N', 'T']).sum(), ['ReduceSum']],
  ];

  it.each(sums)('is written in its steady form alone: a sum %s', (_, sum, expected) => {
    expect(operators({ sum })).toEqual(expected);
  });

  it('sets axes apart where a row fills no registers, and else makes it a row of one axis', () => {
    const shapes = (sum: Tensor) =>
      written({ sum }).initializer.map(({ rawData }) => [...new BigInt64Array(rawData.slice().buffer)].map(Number));
    expect(shapes(input('x', ['N', 6]).sum())).toEqual([[-1, 1, 1, 6], [1, 3], [-1]]);
    expect(shapes(input('x', ['N', 7, 7, 8]).sum(3))).toEqual([[-1, 7, 7, 1, 8], [4], [-1, 7, 7]]);
  });

  it('is computed once where reduced axes go and where they stay', () => {
    expect(operators({ goes: x.max(), stays: x.max(1, { keepDims: true }) }).sort()).toEqual([
      'ReduceMax',
      'Reshape',
      'Reshape',
      'Reshape',
    ]);
  });

  it('is never written itself where it is element-wise', () => {
    const image = input('image', ['N', 3, 5, 5]);
    const named = ['Log', 'Softplus', 'Mish', 'Elu', 'Selu', 'Celu', 'LRN'].map((type) => {
      const settings = type === 'LRN' ? { size: 3 } : {};
      return [type, onnxOperator(type, [image], settings)[0]!] as const;
    });
    const found = operators(Object.fromEntries(named));
    expect(named.map(([type]) => type).filter((type) => found.includes(type))).toEqual([]);
  });
});
