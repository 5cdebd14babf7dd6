import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { ImageSource, RawPixels } from '@farout/core';
import { testDataset } from '@farout/testing';
import { svhn } from '../src/index.ts';
import { folderOf } from './folder-of.ts';
import { array, element, matOf, packed } from './mat-of.ts';
import { itWithPython, runPython } from './python.ts';

/** The pixel in row y, column x and colour c of image n. */
const pixel = (n: number, y: number, x: number, c: number) => (n * 50 + y * 7 + x * 3 + c) % 256;

function digits(labels: readonly number[], count = labels.length) {
  const bytes = Buffer.alloc(3072 * count);
  for (let n = 0, at = 0; n < count; n++)
    for (let c = 0; c < 3; c++)
      for (let x = 0; x < 32; x++) for (let y = 0; y < 32; y++) bytes[at++] = pixel(n, y, x, c);
  return {
    X: array(9, [32, 32, 3, count], 'X', element(2, bytes)),
    y: array(6, [labels.length, 1], 'y', element(2, Buffer.from(labels))),
  };
}

const { X, y } = digits([10, 1, 9]);
const file = (content: { bytes: string }) => join(folderOf({ 'test.mat': content }), 'test.mat');
const plain = file(matOf(X, y));
const compressed = file(matOf(packed(X), packed(y)));

const faults: readonly [string, { bytes: string }][] = [
  ['a file of another format', { bytes: 'x'.repeat(500) }],
  ['an empty file', { bytes: '' }],
  ['a file of MATLAB 7.3, which is HDF5', { bytes: '\x89HDF\r\n\x1a\n'.padEnd(600, '\0') }],
  ['a file without labels', matOf(X)],
  ['another number of labels', matOf(X, digits([1, 2]).y)],
  ['a label of 0', matOf(X, digits([1, 0, 2]).y)],
  ['a label of 11', matOf(X, digits([1, 11, 2]).y)],
  ['images of other sizes', matOf(array(9, [32, 32, 3, 2], 'X', element(2, Buffer.alloc(3072))), digits([1]).y)],
  ['images of doubles', matOf(array(6, [32, 32, 3, 1], 'X', element(9, Buffer.alloc(3072 * 8))), digits([1]).y)],
  ['an array that ends behind the file', { bytes: matOf(X).bytes.slice(0, 2000) }],
  ['an array that is there twice', matOf(X, y, y)],
  ['what does not unpack', { bytes: matOf(packed(X)).bytes.slice(0, 150) + '\xff'.repeat(3000) }],
  ['what unpacks to less than it says', matOf(packed(X.subarray(0, 40)), y)],
  ['an array that is none', matOf(element(9, Buffer.alloc(8)), y)],
  ['an array with a name without end', matOf(packed(array(6, [1, 1], 'y'.repeat(5000))), y)],
];

testDataset(svhn, [
  { title: '10 stands for the digit 0', params: { file: plain }, ids: ['0', '1', '2'], labels: [0, 1, 9] },
  { title: 'compressed arrays are the same', params: { file: compressed }, ids: ['0', '1', '2'], labels: [0, 1, 9] },
  { title: 'a limit takes the first', params: { file: compressed, limit: 1 }, ids: ['0'], labels: [0] },
  { title: 'no file is refused', params: {}, refused: 'file' },
  ...faults.map(([title, content]) => ({
    title: `${title} fails`,
    params: { file: file(content) },
    fails: 'OOD_DATASET_INVALID' as const,
  })),
]);

const pixels = async (image: unknown) => (await (image as ImageSource).read()) as RawPixels;

describe('a digit of SVHN', () => {
  it.each([plain, compressed])('stands upright, pixel by pixel, in whatever order it is read', async (path) => {
    const { images, classes } = await svhn.open({ file: path });
    expect(classes).toHaveLength(10);
    for (const n of [2, 0, 1, 1]) {
      const { data, shape } = await pixels(images[n]);
      expect(shape).toEqual([32, 32, 3]);
      for (const [row, column, c] of [
        [0, 0, 0],
        [0, 1, 2],
        [5, 30, 1],
        [31, 31, 2],
      ] as const)
        expect(data[(row * 32 + column) * 3 + c]).toBe(pixel(n, row, column, c));
    }
  });

  it('is read from a stream of which little is held, forwards and again from the beginning', async () => {
    // 12 MB, more than the stretch that is held.
    const many = digits(Array.from({ length: 4000 }, (_, n) => 1 + (n % 10)));
    const { images } = await svhn.open({ file: file(matOf(packed(many.X), packed(many.y))) });
    for (const n of [0, 3999, 1, 2000, 1999, 3998])
      expect((await pixels(images[n])).data[3 * (32 + 1)]).toBe(pixel(n, 1, 1, 0));
  });

  const write = `
import sys, numpy as np, scipy.io
X = np.random.default_rng(0).integers(0, 256, (32, 32, 3, 50), dtype=np.uint8)
y = np.arange(50).reshape(-1, 1) % 10 + 1
scipy.io.savemat(sys.argv[1], {'X': X, 'y': y.astype(np.int64 if sys.argv[2] == 'True' else float)}, do_compression=sys.argv[2] == 'True')
print(','.join(map(str, X[:, :, :, 49].ravel())))
`;
  for (const isCompressed of ['True', 'False'])
    itWithPython('scipy')(`is read as scipy has written it, do_compression=${isCompressed}`, async () => {
      const path = join(folderOf({}), 'test.mat');
      const last = runPython(write, path, isCompressed).trim();
      const { images } = await svhn.open({ file: path });
      expect(images.map(({ label }) => label)).toEqual(Array.from({ length: 50 }, (_, n) => (n + 1) % 10));
      expect((await pixels(images[49])).data.join()).toBe(last);
    });
});
