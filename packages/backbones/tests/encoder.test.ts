import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { writeNpy } from '@farout/checkpoints';
import { constant, input, type Tensor } from '@farout/tensor';
import { onnx } from '../src/index.ts';
import { arrayOf, kernel, onnxNode, open, pooled, rejection, side, type Outputs } from './parts/built-classifier.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'farout-encoder-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
function saved(bytes: Uint8Array, ending: string): string {
  const file = path.join(folder, `head${files++}.${ending}`);
  writeFileSync(file, bytes);
  return file;
}

const npy = (...shape: number[]) => {
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i + 1);
  return saved(writeNpy({ data, shape }), 'npy');
};

/** A file of the format safetensors with these arrays, whose numbers count on from array to array. */
function safetensors(arrays: Readonly<Record<string, readonly number[]>>): string {
  let [at, count] = [0, 0];
  const parts: Uint8Array[] = [];
  const header = Object.entries(arrays).map(([name, shape]) => {
    const numbers = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => ++count);
    parts.push(new Uint8Array(numbers.buffer));
    const offsets = [at, (at += numbers.byteLength)];
    return [name, { dtype: 'F32', shape, data_offsets: offsets }];
  });
  const text = Buffer.from(JSON.stringify(Object.fromEntries(header)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return saved(Buffer.concat([length, text, ...parts]), 'safetensors');
}

const numbersOf = (tensor: Tensor) => Array.from(arrayOf(tensor)!.data, Number);
/** Three numbers of an image, the mean of each colour. */
const embedding = (image: Tensor) => pooled(image);
/** Tokens of two numbers, one for each place. */
const tokens = (image: Tensor) =>
  image
    .conv(constant(kernel))
    .reshape(['batch', 2, side * side])
    .transpose(0, 2, 1);

describe('an encoder with a head', () => {
  it.each([
    ['.npy, text embeddings', npy(2, 3), [0, 0], []],
    ['safetensors, text embeddings by any name', safetensors({ text: [2, 3] }), [0, 0], []],
    ['safetensors, a probe', safetensors({ weight: [2, 3], bias: [2] }), [7, 8], []],
    [
      'safetensors with more in it',
      safetensors({ weight: [2, 3], bias: [2], logit_scale: [1] }),
      [7, 8],
      [expect.stringMatching(/^head\d+\.safetensors: ignored: "logit_scale"\.$/)],
    ],
  ])('takes W and b of a file: %s', async (_, head, bias, notes) => {
    const opened = await open(embedding, { head });
    expect(opened.head.weight.shape).toEqual([2, 3]);
    expect([numbersOf(opened.head.weight), numbersOf(opened.head.bias)]).toEqual([[1, 2, 3, 4, 5, 6], bias]);
    expect(opened.head.normalise).toBeUndefined();
    expect(opened.notes).toEqual(notes);
    expect(opened.output).toEqual({ name: 'result', of: 'features' });
    expect(opened.features(input('x', ['N', 3, side, side])).shape).toEqual(['N', 3]);
  });

  it('multiplies W and b by the scale, and says that features are normalised', async () => {
    const head = safetensors({ weight: [2, 3], bias: [2] });
    const opened = await open(embedding, { head, scale: 100, normalise: true });
    expect(numbersOf(opened.head.weight)).toEqual([100, 200, 300, 400, 500, 600]);
    expect(numbersOf(opened.head.bias)).toEqual([700, 800]);
    expect(opened.head.normalise).toBe(true);
  });

  it.each<[string, (image: Tensor) => Outputs, string | undefined]>([
    [
      'the only one of its width',
      (image) => ({ more: image.mean([1, 2, 3]), tokens: tokens(image), h: embedding(image) }),
      undefined,
    ],
    ['the one that is named', (image) => ({ other: embedding(image).relu(), h: embedding(image) }), 'h'],
    ['one with a place', (image) => ({ h: image.mean([2, 3], { keepDims: true }) }), undefined],
  ])('takes for the features the output that the head can read: %s', async (_, network, output) => {
    const opened = await open(network, { head: npy(2, 3), ...(output !== undefined && { output }) });
    expect(opened.output).toEqual({ name: 'h', of: 'features' });
    expect(opened.features(input('x', ['N', 3, side, side])).shape).toEqual(['N', 3]);
  });

  it('says which outputs are left', async () => {
    const { notes } = await open((image) => ({ tokens: tokens(image), h: embedding(image) }), { head: npy(2, 3) });
    expect(notes).toEqual(['The output "h" is used as the features; "tokens" is not.']);
  });

  it('knows the map that is pooled to the features, and that tokens are none', async () => {
    const convolutional = (image: Tensor) => image.conv(constant(kernel)).relu().mean([2, 3]);
    expect((await open(convolutional, { head: npy(2, 2) })).lastTap).toBe('Relu');
    const ofTokens = (image: Tensor) =>
      onnxNode('Gather', [tokens(image), constant({ data: BigInt64Array.of(0n), shape: [] })], { axis: 1 });
    const opened = await open(ofTokens, { head: npy(2, 2) });
    expect(opened.lastTap).toBe(false);
    expect(opened.taps!(input('x', ['N', 3, side, side])).size).toBeGreaterThan(2);
  });

  const refused: Record<string, [Parameters<typeof open>, string, string]> = {
    'several outputs that fit': [
      [(image) => ({ a: embedding(image), b: embedding(image).relu() }), { head: npy(2, 3) }],
      'OOD_ONNX_REFUSED',
      'it has several outputs that the head could read: "a" is float32 (N, 3); "b" is float32 (N, 3)',
    ],
    'an output that it does not have': [
      [embedding, { head: npy(2, 3), output: 'embeds' }],
      'OOD_ONNX_REFUSED',
      'it has no output "embeds"',
    ],
    'tokens alone': [
      [tokens, { head: npy(2, 3) }],
      'OOD_ONNX_REFUSED',
      'none of its outputs is an embedding, float32 (N, D), that the head can read: "result" is float32 (N, 16, 2)',
    ],
    'a head of another width': [
      [embedding, { head: npy(2, 4) }],
      'OOD_ARRAY_INVALID',
      'its weights (2, 4) take 4 numbers per image, but "result" is float32 (N, 3)',
    ],
    'a head of one class': [
      [embedding, { head: npy(1, 3) }],
      'OOD_ARRAY_INVALID',
      'its weights are (1, 3), fewer than two classes',
    ],
    'a head that is no matrix': [
      [embedding, { head: npy(2, 3, 1) }],
      'OOD_ARRAY_INVALID',
      'its weights are (2, 3, 1), not a matrix',
    ],
    'a bias of other classes': [
      [embedding, { head: safetensors({ weight: [2, 3], bias: [3] }) }],
      'OOD_ARRAY_INVALID',
      'its bias is (3), but the weights are (2, 3)',
    ],
    'a file with several arrays, none of them "weight"': [
      [embedding, { head: safetensors({ text: [2, 3], image: [2, 3] }) }],
      'OOD_ARRAY_INVALID',
      'it has no array "weight"',
    ],
  };

  it.each(Object.entries(refused))('is refused with %s', async (_, [how, code, message]) => {
    const error = await rejection(open(...how));
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
    expect(error!.fix).toBeTruthy();
  });

  it('says that a head lies the other way round', async () => {
    const error = await rejection(open(embedding, { head: npy(3, 5) }));
    expect(error!.fix).toBe('Save the transpose, one row per class: (5, 3).');
  });

  it.each([
    [{ normalise: true }, 'normalise'],
    [{ scale: 100 }, 'scale'],
    [{ head: 'h.npy', features: 'x' }, 'features'],
    [{ head: 'h.npy', scale: 0 }, 'scale'],
  ])('has parameters that belong together: %j', (params, wrong) => {
    const { error } = onnx.params.safeParse({ weights: 'a.onnx', ...params });
    expect(error?.issues.map(({ path: [name] }) => name)).toEqual([wrong]);
  });
});
