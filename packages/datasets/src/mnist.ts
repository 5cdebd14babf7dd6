import { defineDataset, FaroutError, filePath, z } from '@farout/core';
import { limit } from './limit.ts';
import { PackedFile } from './packed-file.ts';
import { grey, pixelsOf } from './pixel-layouts.ts';
import { Unpacked } from './unpacked.ts';

/**
 * Images in the idx format of MNIST, plain or gzipped, which FashionMNIST, KMNIST and others use too. The images are grey: red, green and
 * blue get the same value. An image id is its number in the file.
 *
 * LeCun, Cortes, Burges, "The MNIST database of handwritten digits", 1998.
 *
 * @throws FaroutError OOD_DATASET_INVALID when a file is of another format or length, or images and labels differ in number.
 */
export const mnist = defineDataset({
  name: 'mnist',
  about: {
    summary: 'Grey images in the idx format of MNIST, plain or gzipped.',
    source: 'LeCun, Cortes, Burges, "The MNIST database of handwritten digits", 1998',
  },
  params: z.object({
    images: filePath().describe('the image file: t10k-images-idx3-ubyte, plain or .gz'),
    labels: filePath()
      .optional()
      .describe('the label file: t10k-labels-idx1-ubyte, plain or .gz; without it, images have no labels'),
    limit: limit(),
  }),
  open: async ({ images: path, labels, limit = Infinity }) => {
    const idx = await openIdx(path, 3);
    const [count = 0, height = 0, width = 0] = idx.sizes;
    const classes = labels === undefined ? undefined : await labelsOf(labels, count, path);
    const [layout, bytes] = [grey(height, width), height * width];
    const images = Array.from({ length: Math.min(count, limit) }, (_, index) => {
      const offset = idx.start + index * bytes;
      return {
        id: String(index),
        ...(classes && { label: classes[index]! }),
        version: `mnist ${idx.file.version} ${offset}`,
        read: async () => pixelsOf(await idx.read(offset, bytes), layout),
      };
    });
    return { images };
  },
});

/** An idx file: uint8 numbers of these sizes, from `start` in the unpacked data. */
interface Idx {
  readonly file: PackedFile;
  readonly sizes: readonly number[];
  readonly start: number;
  readonly read: (offset: number, length: number) => Promise<Buffer>;
  readonly close: () => void;
}

/** More pixels than any camera has. */
const mostPixels = 2 ** 28;
/** A listing of more images would not fit into memory. */
const mostImages = 2 ** 21;

async function openIdx(path: string, axes: 1 | 3): Promise<Idx> {
  const file = await PackedFile.open(path);
  const isPacked = (await file.read(0, Math.min(2, file.size))).equals(Buffer.from([0x1f, 0x8b]));
  const unpacked = isPacked ? new Unpacked({ file, offset: 0, length: file.size, as: 'gzip' }) : undefined;
  const idx = {
    file,
    read: (offset: number, length: number) => (unpacked ?? file).read(offset, length),
    close: () => unpacked?.close(),
  };
  const start = 4 + 4 * axes;
  const head = await idx.read(0, start).finally(idx.close);
  // Two zero bytes, the type uint8, the number of axes; then their sizes.
  if (head.readUInt32BE() !== 0x800 + axes)
    throw file.refusal(`it does not begin like an idx file of ${axes === 1 ? 'labels' : 'images'}`, {
      fix: `Use the file with idx${axes} in its name.`,
    });
  const sizes = Array.from({ length: axes }, (_, axis) => head.readUInt32BE(4 + 4 * axis));
  const [count = 0, height = 1, width = 1] = sizes;
  if (count > mostImages || height * width > mostPixels || sizes.includes(0))
    throw file.refusal(`it claims the sizes ${sizes.join(' × ')}`);
  const end = start + count * height * width;
  if (!isPacked && file.size !== end)
    throw file.refusal(`it has ${file.size} bytes, but sizes of ${sizes.join(' × ')}`);
  return { ...idx, sizes, start };
}

async function labelsOf(path: string, count: number, images: string): Promise<Buffer> {
  const { sizes, start, read, close } = await openIdx(path, 1);
  if (sizes[0] !== count)
    throw new FaroutError(
      'OOD_DATASET_INVALID',
      `${path} has ${sizes[0]} labels for the ${count} images of ${images}`,
      {
        fix: 'Use the labels that belong to these images: both train, or both t10k.',
      },
    );
  try {
    return await read(start, count);
  } finally {
    close();
  }
}
