import { describe, expect, it } from '@jest/globals';
import { readCheckpoint } from '../src/torch/read-checkpoint.ts';
import { safetensors } from './parts/safetensors.ts';
import { inFile } from './parts/surroundings.ts';

const read = (file: Uint8Array) => inFile(file, readCheckpoint);

const weight = { dtype: 'F32', shape: [2, 3], data_offsets: [0, 24] };
const six = Buffer.from(Float32Array.of(1, 2, 3, 4, 5, 6).buffer);

describe('a file of the format safetensors', () => {
  it('gives its tensors by name in the order of the header', async () => {
    const header = {
      __metadata__: { format: 'pt' },
      'fc.bias': { dtype: 'F32', shape: [2], data_offsets: [16, 24] },
      'bn.num_batches_tracked': { dtype: 'I64', shape: [], data_offsets: [8, 16] },
      scale: { dtype: 'F32', shape: [2], data_offsets: [0, 8] },
    };
    const data = Buffer.from(BigInt64Array.of(0x40000000_3f800000n, 7n, 0x40800000_40400000n).buffer);
    expect([...(await read(safetensors(header, data)))]).toEqual([
      ['fc.bias', { data: Float32Array.of(3, 4), shape: [2] }],
      ['bn.num_batches_tracked', { data: BigInt64Array.of(7n), shape: [] }],
      ['scale', { data: Float32Array.of(1, 2), shape: [2] }],
    ]);
  });

  it('may have spaces behind its header, an empty tensor, and a name that means something to JavaScript', async () => {
    const header = `{"__proto__": ${JSON.stringify(weight)}, "empty": {"dtype":"F32","shape":[0,3],"data_offsets":[24,24]}}   `;
    expect([...(await read(safetensors(header, six)))]).toEqual([
      ['__proto__', { data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] }],
      ['empty', { data: new Float32Array(0), shape: [0, 3] }],
    ]);
  });

  it('is no pickle although the length of its header begins with the byte of one', async () => {
    const header = JSON.stringify({ w: weight }).padEnd(0x80);
    expect((await read(safetensors(header, six))).get('w')?.shape).toEqual([2, 3]);
  });

  it.each([
    ['a header of 2⁶³ bytes', safetensors('{}', six, 2n ** 63n), /its header has 9223372036854775808 bytes, more than/],
    ['a header longer than the file', safetensors('{}', six, 1000n), /the header would end at byte 1008/],
    ['a header that is no JSON', safetensors('{"w": }', six), /its header is not JSON/],
    ['a header that is text without an end', safetensors(`{"${'\\"'.repeat(2 ** 20)}`, six), /its header is not JSON/],
    ['lists in lists', safetensors('{"w": {"shape": [[2], 3]}}', six), /nested more than 3 deep/],
    ['a header of a million lists', safetensors(`{${'[],'.repeat(1e6)}`, six), /more than 500000 brackets/],
    [
      'a name twice',
      safetensors('{"w": {"dtype": "F32"}, "\\u0077": {"dtype": "F32"}}', six),
      /its header has the key "w" twice/,
    ],
    ['a shape twice', safetensors('{"w": {"shape": [1], "shape": [2]}}', six), /has the key "shape" twice/],
    ['a tensor without a type', safetensors({ w: { ...weight, dtype: undefined } }, six), /describes "w" otherwise/],
    ['a tensor with more than that', safetensors({ w: { ...weight, strides: [1] } }, six), /describes "w" otherwise/],
    ['a tensor that is a number', safetensors({ w: 1 }, six), /describes "w" otherwise/],
    ['a negative size', safetensors({ w: { ...weight, shape: [-2, -3] } }, six), /describes "w" otherwise/],
    ['half a size', safetensors({ w: { ...weight, shape: [1.5, 4] } }, six), /describes "w" otherwise/],
    ['a size beyond doubles', safetensors({ w: { ...weight, shape: [2 ** 60] } }, six), /describes "w" otherwise/],
    [
      'a shape whose product is beyond any number',
      safetensors({ w: { ...weight, shape: Array(16).fill(2 ** 52) } }, six),
      /spans bytes 0 to 24, but .* takes \S+ bytes/,
    ],
    ['seventeen axes', safetensors({ w: { ...weight, shape: [6, ...Array<number>(16).fill(1)] } }, six), /17 axes/],
    ['an unknown type', safetensors({ w: { ...weight, dtype: 'F12' } }, six), /"w" has the unsupported type F12/],
    ['whole numbers', safetensors({ w: { ...weight, dtype: 'I32' } }, six), /has the unsupported type I32/],
    [
      'an end before the beginning',
      safetensors({ w: { ...weight, data_offsets: [24, 0] } }, six),
      /spans bytes 24 to 0/,
    ],
    ['too few bytes for its shape', safetensors({ w: { ...weight, data_offsets: [0, 20] } }, six), /takes 24 bytes/],
    [
      'tensors that share bytes',
      safetensors({ a: weight, b: { dtype: 'F32', shape: [2], data_offsets: [16, 24] } }, six),
      /"b" begins at byte 16, where the one before ends at 24/,
    ],
    [
      'a hole between tensors',
      safetensors(
        {
          a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] },
          b: { dtype: 'F32', shape: [2], data_offsets: [16, 24] },
        },
        six,
      ),
      /"b" begins at byte 16, where the one before ends at 8/,
    ],
    ['a hole at the end', safetensors({ w: weight }, Buffer.concat([six, six])), /its tensors end at byte 24 of 48/],
    ['tensors past its end', safetensors({ w: weight }, six.subarray(4)), /its tensors end at byte 24 of 20/],
    ['bytes and no tensor', safetensors({}, six), /its tensors end at byte 0 of 24/],
  ])('is refused with %s', async (_, file, message) => {
    await expect(read(file)).rejects.toMatchObject({
      code: 'OOD_CHECKPOINT_REFUSED',
      message: expect.stringMatching(message),
    });
  });
});
