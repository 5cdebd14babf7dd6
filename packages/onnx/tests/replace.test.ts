import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import { constant, input } from '@farout/tensor';
import { replaceInOnnx, writeOnnx } from '../src/index.ts';
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
    expect(() => replaceInOnnx(Uint8Array.of(255, 255, 255), {})).toThrow('it is no ONNX model');
  });
});
