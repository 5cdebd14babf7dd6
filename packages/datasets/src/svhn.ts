import { defineDataset, FaroutError, filePath, z } from '@farout/core';
import { limit } from './limit.ts';
import { elementsOf, numbersOf, openMat, uint8Type } from './mat.ts';
import { columns, pixelsOf } from './pixel-layouts.ts';

const digits = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

/** Bytes of an image: planes of red, green and blue, column by column. */
const imageBytes = 3072;
const layout = columns(32, 32);

/**
 * The cropped digits of SVHN as published by its authors: `test_32x32.mat`, `train_32x32.mat` or `extra_32x32.mat`, a MATLAB file of version 5
 * with `X` (32, 32, 3, N) and `y` (N, 1), where 10 means the digit 0. An image id is its number in the file, from 0.
 *
 * Netzer, Wang, Coates, Bissacco, Wu, Ng, "Reading Digits in Natural Images with Unsupervised Feature Learning", 2011.
 *
 * @throws FaroutError OOD_DATASET_INVALID when the file is of another format, is damaged, or has other arrays.
 */
export const svhn = defineDataset({
  name: 'svhn',
  about: {
    summary: 'The cropped digits of SVHN, from the .mat file of its authors.',
    source: 'Netzer et al., "Reading Digits in Natural Images with Unsupervised Feature Learning", 2011',
  },
  params: z.object({
    file: filePath().describe('test_32x32.mat, train_32x32.mat or extra_32x32.mat'),
    limit: limit(),
  }),
  open: async ({ file: path, limit = Infinity }) => {
    const mat = await openMat(path);
    const [x, y] = [mat.arrays.get('X'), mat.arrays.get('y')];
    if (!x || !y)
      throw mat.file.refusal('it has no arrays "X" and "y"', {
        fix: 'Use test_32x32.mat, or another file of that kind.',
      });
    const count = x.sizes[3] ?? 1;
    const { type, start, length } = await elementsOf(mat, x);
    if (x.sizes.slice(0, 3).join() !== '32,32,3' || type !== uint8Type || length !== count * imageBytes)
      throw mat.file.refusal(
        `its "X" has the sizes ${x.sizes.join(' × ')} and ${length} bytes, expected 32 × 32 × 3 × N of uint8`,
      );
    const labels = await numbersOf(mat, y);
    x.close();
    y.close();
    if (labels.length !== count) throw mat.file.refusal(`it has ${labels.length} labels for ${count} images`);
    const images = labels.slice(0, limit).map((label, index) => {
      const offset = start + index * imageBytes;
      return {
        id: String(index),
        label: digitOf(label, index, path),
        version: `svhn ${mat.file.version} ${offset}`,
        read: async () => pixelsOf(await x.read(offset, imageBytes), layout),
      };
    });
    return { images, classes: digits };
  },
});

function digitOf(label: number, index: number, path: string): number {
  if (Number.isInteger(label) && label >= 1 && label <= 10) return label % 10;
  throw new FaroutError('OOD_DATASET_INVALID', `${path}: image ${index} has the label ${label}, expected 1 to 10`, {
    fix: 'Use the file from its authors, in which 10 stands for the digit 0.',
  });
}
