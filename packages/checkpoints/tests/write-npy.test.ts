import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NDArray } from '@farout/core';
import { describe, expect, it } from '@jest/globals';
import { parseNpy } from '../src/npy.ts';
import { writeNpy } from '../src/npy/write-npy.ts';
import { inFolder, pythonWith } from './parts/surroundings.ts';

const arrays: NDArray[] = [
  { data: Float32Array.of(1.5, -2, 3, Infinity, NaN, -0), shape: [2, 3] },
  { data: Float64Array.of(1e300), shape: [] },
  { data: Int32Array.of(-1, 2), shape: [2] },
  { data: BigInt64Array.of(2n ** 62n, -1n), shape: [1, 2, 1] },
  { data: Uint8Array.of(0, 255), shape: [2, 1] },
  { data: new Float32Array(0), shape: [0, 2048] },
];

const numpy = pythonWith('numpy');
const itWithNumpy = numpy ? it : it.skip;

describe('writeNpy', () => {
  it('writes the bytes that numpy writes', () => {
    // numpy.save of numpy.arange(3, dtype='<f4').reshape(3, 1), numpy 1.24
    const header = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 1), }".padEnd(117);
    const expected = Buffer.concat([
      Buffer.from(`\x93NUMPY\x01\x00\x76\x00${header}\n`, 'latin1'),
      Buffer.from('00000000' + '0000803f' + '00000040', 'hex'),
    ]);
    expect(Buffer.from(writeNpy({ data: Float32Array.of(0, 1, 2), shape: [3, 1] }))).toEqual(expected);
  });

  it('begins the data at a multiple of 64 bytes, whatever the length of the header', () => {
    for (let axes = 0; axes < 40; axes++) {
      const file = writeNpy({ data: Uint8Array.of(7), shape: Array.from({ length: axes }, () => 1) });
      expect((file.length - 1) % 64).toBe(0);
    }
  });

  it.each(arrays)('writes what is read again as the same: $data', (array) => {
    expect(parseNpy(writeNpy(array))).toEqual(array);
  });

  it('writes the part that an array looks at, not the buffer behind it', () => {
    const part = Float32Array.of(1, 2, 3, 4).subarray(1, 3);
    expect(parseNpy(writeNpy({ data: part, shape: [2] })).data).toEqual(Float32Array.of(2, 3));
  });

  it('refuses elements that do not fill the shape', () => {
    expect(() => writeNpy({ data: Float32Array.of(1, 2, 3), shape: [2, 2] })).toThrow(
      expect.objectContaining({ code: 'OOD_ARRAY_INVALID', message: '3 elements do not fill the shape (2, 2)' }),
    );
  });

  itWithNumpy('writes what numpy loads and saves again as the same bytes', async () => {
    await inFolder(async (folder) => {
      const files = arrays.map(writeNpy);
      const paths = files.map((_, i) => join(folder, `${i}.npy`));
      await Promise.all(files.map((file, i) => writeFile(paths[i]!, file)));
      const saved = numpy!(
        `import sys, io, numpy
for path in sys.argv[1:]:
    again = io.BytesIO()
    numpy.save(again, numpy.load(path, allow_pickle=False))
    print(again.getvalue().hex())`,
        ...paths,
      );
      expect(saved.trim().split('\n')).toEqual(files.map((file) => Buffer.from(file).toString('hex')));
    });
  });
});
