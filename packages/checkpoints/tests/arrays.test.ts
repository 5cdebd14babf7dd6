import { describe, expect, it } from '@jest/globals';
import { arrayNames, openArray } from '../src/arrays.ts';
import { writeNpy } from '../src/npy.ts';
import { zipBytes } from './parts/checkpoints.ts';
import { safetensors } from './parts/safetensors.ts';
import { inFile, pythonWith } from './parts/surroundings.ts';

const six = { data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [3, 2] };
const rowsOf = (file: Uint8Array, from: number, count: number, name = 'features') =>
  inFile(file, async (path) => (await openArray(path, name)).read(from, count));
const header = { features: { dtype: 'F32', shape: [3, 2], data_offsets: [0, 24] } };
const bytesOf = ({ data }: { data: Float32Array }) => Buffer.from(data.buffer);
const npz = zipBytes([
  { name: 'labels.npy', content: writeNpy({ data: Int32Array.of(7, 8, 9), shape: [3] }) },
  { name: 'features.npy', content: writeNpy(six) },
]);

describe('openArray', () => {
  it.each([
    ['.npy', writeNpy(six)],
    ['.npz', npz],
    ['safetensors', safetensors(header, bytesOf(six))],
  ])('reads rows of an array out of the middle of a %s file', async (_, file) => {
    expect(await rowsOf(file, 1, 2)).toEqual({ data: Float32Array.of(3, 4, 5, 6), shape: [2, 2] });
    expect(await rowsOf(file, 3, 0)).toEqual({ data: new Float32Array(0), shape: [0, 2] });
    await expect(rowsOf(file, 2, 2)).rejects.toThrow(RangeError);
  });

  it('names the arrays of a file that holds several', async () => {
    expect(await inFile(npz, arrayNames)).toEqual(['labels', 'features']);
    expect(await inFile(safetensors(header, bytesOf(six)), arrayNames)).toEqual(['features']);
    expect(await inFile(writeNpy(six), arrayNames)).toEqual([]);
    expect(await rowsOf(npz, 1, 1, 'labels')).toEqual({ data: Int32Array.of(8), shape: [1] });
  });

  it('says which arrays there are where the name is not among them', async () => {
    await expect(rowsOf(npz, 0, 1, 'h')).rejects.toMatchObject({
      code: 'OOD_ARRAY_INVALID',
      message: expect.stringContaining('it has no array "h"'),
      fix: 'It has "labels", "features": save the array under the name "h".',
    });
  });

  it.each([
    ['a flipped bit in an .npz', flipped(npz), /does not have the checksum/],
    [
      'a compressed .npz',
      zipBytes([{ name: 'features.npy', content: writeNpy(six), says: { method: 8 } }]),
      /compressed or encrypted/,
    ],
    ['a .npy that is cut', writeNpy(six).subarray(0, -4), /takes 24 bytes, but it has 20/],
    ['a single number', writeNpy({ data: Float32Array.of(1), shape: [] }), /single number/],
    ['a web page', Buffer.from('<!doctype html><p>Sign in'), /web page/],
    ['nothing', Buffer.alloc(0), /it is empty/],
    ['a pickle', Buffer.from('\x80\x02}q\x00.', 'latin1'), /./],
  ])('refuses %s', async (_, file, message) => {
    await expect(rowsOf(file, 0, 1)).rejects.toMatchObject({
      code: 'OOD_ARRAY_INVALID',
      message: expect.stringMatching(message),
    });
  });

  const python = pythonWith('numpy');
  (python ? it : it.skip)('reads what numpy saves in other precisions, where numpy is there', async () => {
    const program = `
import io, sys, numpy as np
a = (np.arange(12).reshape(4, 3) / 8).astype(sys.argv[1]); f = io.BytesIO()
np.savez(f, features=a); print(f.getvalue().hex())`;
    for (const dtype of ['float16', 'float32', 'float64']) {
      const file = Buffer.from(python!(program, dtype).trim(), 'hex');
      expect(await rowsOf(file, 2, 2)).toEqual({
        data: Float32Array.of(0.75, 0.875, 1, 1.125, 1.25, 1.375),
        shape: [2, 3],
      });
    }
  });
});

/** The last number of the features is another one. */
function flipped(file: Uint8Array): Buffer {
  const copy = Buffer.from(file);
  copy[copy.indexOf(bytesOf(six)) + 20]! ^= 1;
  return copy;
}
