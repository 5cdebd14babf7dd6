import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import { constant, input } from '@farout/tensor';
import { replaceInOnnx, tableInOnnx, writeOnnx } from '../src/index.ts';
import { ModelProtoSchema } from '../src/onnx_pb.ts';

const scalar = (value: number) => ({ data: Float32Array.of(value), shape: [] });
const x = input('x', ['N', 3]);
const threshold = constant(scalar(2));
const model = writeOnnx(
  { doubled: x.mul(2), passes: x.greater(threshold) },
  { replaceable: { 'own.threshold': threshold }, metadata: { farout: 'first', license: 'MIT' } },
);

const read = (bytes: Uint8Array) => fromBinary(ModelProtoSchema, bytes);
const constantsOf = (bytes: Uint8Array) =>
  Object.fromEntries(
    read(bytes).graph!.initializer.map(({ name, rawData }) => [name, new Float32Array(rawData.slice().buffer)[0]]),
  );

describe('a replaceable constant', () => {
  it('stands by itself, though another one is equal', () => {
    expect(constantsOf(model)).toEqual({ constant: 2, 'own.threshold': 2 });
  });

  it('has its name alone, whatever others are called', () => {
    const other = constant(scalar(5), 'own.threshold');
    const bytes = writeOnnx({ y: x.mul(other).greater(threshold) }, { replaceable: { 'own.threshold': threshold } });
    expect(constantsOf(bytes)).toEqual({ 'own.threshold_2': 5, 'own.threshold': 2 });
  });
});

describe('tableInOnnx', () => {
  const outputs = { classes: x.softmax(), passes: x.max().unsqueeze([1]).greater(threshold) };
  const single = writeOnnx(outputs, { replaceable: { 'own.threshold': threshold } });
  const of = { constant: 'own.threshold', name: 'own.table', values: Float32Array.of(1, 2, 3), by: 'classes' };

  it('puts the number of the largest of some values in the place of a constant, before its first use', () => {
    const { node, initializer } = read(tableInOnnx(single, of)).graph!;
    expect(initializer.map(({ name, dims }) => [name, dims])).toContainEqual(['own.table', [3n]]);
    expect(initializer.some(({ name }) => name === 'own.threshold')).toBe(false);
    const types = node.map(({ opType }) => opType);
    const [largest, number, greater] = node.slice(types.indexOf('ArgMax'), types.indexOf('Greater') + 1);
    expect([largest!.input, number!.input, greater!.input[1]]).toEqual([
      ['classes'],
      ['own.table', largest!.output[0]],
      number!.output[0],
    ]);
  });

  it('makes a table that can be replaced', () => {
    const table = { data: Float32Array.of(4, 5, 6), shape: [3] };
    const replaced = replaceInOnnx(tableInOnnx(single, of), { constants: { 'own.table': table } });
    expect(replaced).toEqual(tableInOnnx(single, { ...of, values: table.data }));
  });

  it('refuses a constant or a value that is not there', () => {
    expect(() => tableInOnnx(single, { ...of, constant: 'other' })).toThrow('it has no constant "other"');
    expect(() => tableInOnnx(single, { ...of, by: 'other' })).toThrow('cannot be chosen by "other"');
  });
});

describe('replaceInOnnx', () => {
  it('changes what it is told, and nothing else', () => {
    const changed = replaceInOnnx(model, {
      constants: { 'own.threshold': scalar(7) },
      metadata: { farout: 'second', added: 'third' },
    });
    expect(constantsOf(changed)).toEqual({ constant: 2, 'own.threshold': 7 });
    const { metadataProps } = read(changed);
    expect(metadataProps.map(({ key, value }) => [key, value])).toEqual([
      ['farout', 'second'],
      ['license', 'MIT'],
      ['added', 'third'],
    ]);
    const back = { constants: { 'own.threshold': scalar(2) }, metadata: { farout: 'first' } };
    const again = read(replaceInOnnx(changed, back));
    again.metadataProps.pop();
    expect(toBinary(ModelProtoSchema, again)).toEqual(model);
  });

  it('gives the same bytes where nothing is replaced', () => {
    expect(replaceInOnnx(model, {})).toEqual(model);
  });

  it('refuses a constant that is not there, or is another kind of array', () => {
    const replace = (name: string, array: Parameters<typeof constant>[0]) => () =>
      replaceInOnnx(model, { constants: { [name]: array } });
    expect(replace('threshold', scalar(1))).toThrow('it has no constant "threshold"');
    const message = 'the constant "own.threshold" is not';
    expect(replace('own.threshold', { data: Float32Array.of(1), shape: [1] })).toThrow(`${message} float32 (1)`);
    expect(replace('own.threshold', { data: Float64Array.of(1), shape: [] })).toThrow(`${message} float64 ()`);
  });

  it('refuses what is no model', () => {
    expect(() => replaceInOnnx(Uint8Array.of(255, 255, 255), {})).toThrow('it is not an ONNX model');
  });
});
