import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NDArray, TypedArray } from '@farout/core';
import { describe, expect, it } from '@jest/globals';
import { parseNpy, readNpy, writeNpy } from '../src/npy.ts';
import { bytes } from './parts/pickles.ts';
import { data, inFile, inFolder, itWithData, pythonWith } from './parts/surroundings.ts';

/** A .npy file with this header, written as numpy.lib.format describes it. */
function npy(header: string, data: Uint8Array, version = 1): Buffer {
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  length.writeUIntLE(header.length, 0, length.length);
  return bytes('\x93NUMPY', String.fromCharCode(version), '\0', length, header, data);
}

const plain = (descr: string, shape: string) => `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`;
const floats = new Uint8Array(Float32Array.of(1, 2, 3, 4, 5, 6).buffer);

describe('parseNpy', () => {
  it.each([1, 2, 3])('reads version %d', (version) => {
    const array = parseNpy(npy(`${plain('<f4', '(2, 3)')}     \n`, floats, version));
    expect(array).toEqual({ data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] });
  });

  it.each([
    ['<f4', Float32Array.of(-1.5)],
    ['<f8', Float64Array.of(-1e300)],
    ['<i4', Int32Array.of(-(2 ** 31))],
    ['<i8', BigInt64Array.of(-(2n ** 63n))],
    ['|u1', Uint8Array.of(255)],
  ])('reads %s', (descr, data) => {
    expect(parseNpy(npy(plain(descr, '()'), new Uint8Array(data.buffer)))).toEqual({ data, shape: [] });
  });

  it.each([
    ['()', 4, []],
    ['(1,)', 4, [1]],
    ['(0,)', 0, [0]],
    ['(1, 0, 4294967296)', 0, [1, 0, 2 ** 32]],
    ['(2,3)', 24, [2, 3]],
    ['(2, 3,)', 24, [2, 3]],
  ])('reads the shape %s', (shape, length, expected) => {
    expect(parseNpy(npy(plain('<f4', shape), floats.subarray(0, length))).shape).toEqual(expected);
  });

  it('reads keys in any order and without spaces', () => {
    expect(parseNpy(npy("{'shape':(6,),'fortran_order':False,'descr':'<f4'}", floats)).shape).toEqual([6]);
  });

  it('looks at the bytes where they are aligned, and copies them where not', () => {
    const file = npy(plain('<f4', '(6,)').padEnd(118), floats);
    const aligned = new Uint8Array(new ArrayBuffer(file.length + 8), 0, file.length);
    aligned.set(file);
    expect(parseNpy(aligned).data.buffer).toBe(aligned.buffer);
    const odd = new Uint8Array(aligned.buffer, 1, file.length);
    odd.set(file);
    expect(parseNpy(odd)).toEqual({ data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [6] });
  });

  it.each([
    ['other bytes', Buffer.from('GIF89a and more'), /not a \.npy file/],
    ['nothing', Buffer.alloc(0), /not a \.npy file/],
    ['an unknown version', npy(plain('<f4', '(6,)'), floats, 4), /version 4/],
    ['a header past the end', npy(plain('<f4', '(6,)'), floats).subarray(0, 40), /header would end at byte/],
    ['too little data', npy(plain('<f4', '(6,)'), floats.subarray(1)), /takes 24 bytes, but it has 23/],
    ['too much data', npy(plain('<f4', '(5,)'), floats), /takes 20 bytes, but it has 24/],
    ['a shape that overflows', npy(plain('<f4', '(4294967296, 4294967296, 6)'), floats), /bytes, but it has 24/],
    ['a shape beyond doubles', npy(plain('<f4', `(${'9'.repeat(400)}, 6)`), floats), /plain array/],
    ['a shape that is no tuple', npy(plain('<f4', '(6)'), floats), /not that of a plain array/],
    ['a negative size', npy(plain('<f4', '(-6,)'), floats), /not that of a plain array/],
    ['big-endian numbers', npy(plain('>f4', '(6,)'), floats), /elements are >f4; supported are <f4/],
    ['objects', npy(plain('|O', '(6,)'), floats), /elements are \|O/],
    ['half precision', npy(plain('<f2', '(12,)'), floats), /elements are <f2/],
    ['Fortran order', npy("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }", floats), /Fortran order/],
    [
      'a structured array',
      npy("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (6,), }", floats),
      /plain array/,
    ],
    ['a key twice', npy("{'descr': '<f4', 'descr': '<f4', 'shape': (6,), }", floats), /plain array/],
    ['a key more', npy("{'descr': '<f4', 'fortran_order': False, 'shape': (6,), 'x': True}", floats), /plain array/],
    [
      "values under each other's keys",
      npy("{'descr': True, 'fortran_order': '<f4', 'shape': (6,), }", floats),
      /plain array/,
    ],
    ['an expression', npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2*3,), }", floats), /plain array/],
    ['a header of nothing but spaces', npy(' '.repeat(60_000), floats), /plain array/],
  ])('refuses %s', (_, file, message) => {
    expect(() => parseNpy(file, 'x.npy')).toThrow(message);
    expect(() => parseNpy(file, 'x.npy')).toThrow(
      expect.objectContaining({ code: 'OOD_ARRAY_INVALID', message: expect.stringMatching(/^x\.npy: /) }),
    );
  });
});

const sha256 = (numbers: TypedArray) => createHash('sha256').update(numbers).digest('hex');
const numpy = pythonWith('numpy');

describe('readNpy', () => {
  it('names the file that it refuses, and the one that is missing', async () => {
    await inFile(Buffer.from('something else'), async (path) => {
      const message = `${path}: not a .npy file`;
      await expect(readNpy(path)).rejects.toMatchObject({ code: 'OOD_ARRAY_INVALID', message });
    });
    await inFolder(async (folder) => {
      await expect(readNpy(join(folder, 'none.npy'))).rejects.toMatchObject({ code: 'OOD_MISSING_FILE' });
    });
  });

  for (const [network, width] of [
    ['resnet50', 2048],
    ['mobilenet-v2', 1280],
  ] as const) {
    itWithData(`reads the reference features of ${network}, which come out of ReLU and pooling`, async () => {
      const { data: features, shape } = await readNpy(join(data!, 'golden', network, 'features-first32.npy'));
      expect(shape).toEqual([32, width]);
      expect(features).toBeInstanceOf(Float32Array);
      expect((features as Float32Array).every((value) => value >= 0 && value < 20)).toBe(true);
    });
  }

  const itWithBoth = numpy && data ? it : it.skip;
  itWithBoth('gives every reference array the shape and numbers that numpy sees', async () => {
    const names = ['features-first32', 'logits-first32', 'input-first2', 'odin-gradient-first2'];
    const paths = names.map((name) => join(data!, 'golden', 'resnet50', `${name}.npy`));
    const seen = numpy!(
      `import sys, json, hashlib, numpy
print(json.dumps([[list(a.shape), hashlib.sha256(a.tobytes()).hexdigest()] for a in map(numpy.load, sys.argv[1:])]))`,
      ...paths,
    );
    const read = await Promise.all(paths.map(readNpy));
    expect(read.map(({ data: numbers, shape }) => [shape, sha256(numbers)])).toEqual(JSON.parse(seen));
  });
});

const arrays: NDArray[] = [
  { data: Float32Array.of(1.5, -2, 3, Infinity, NaN, -0), shape: [2, 3] },
  { data: Float64Array.of(1e300), shape: [] },
  { data: Int32Array.of(-1, 2), shape: [2] },
  { data: BigInt64Array.of(2n ** 62n, -1n), shape: [1, 2, 1] },
  { data: Uint8Array.of(0, 255), shape: [2, 1] },
  { data: new Float32Array(0), shape: [0, 2048] },
];

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
