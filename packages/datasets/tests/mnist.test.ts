import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import type { ImageSource, RawPixels } from '@farout/core';
import { testDataset } from '@farout/testing';
import { mnist } from '../src/index.ts';
import { folderOf } from './folder-of.ts';

function idx(sizes: readonly number[], bytes: readonly number[], type = 8): Buffer {
  const head = Buffer.alloc(4 + 4 * sizes.length);
  head.writeUInt32BE(type * 256 + sizes.length);
  for (const [axis, size] of sizes.entries()) head.writeUInt32BE(size, 4 + 4 * axis);
  return Buffer.concat([head, Buffer.from(bytes)]);
}

/** Three images of two rows and three columns. */
const images = idx(
  [3, 2, 3],
  Array.from({ length: 18 }, (_, i) => 10 * i),
);
const labels = idx([3], [7, 2, 1]);
const latin1 = (bytes: Buffer) => ({ bytes: bytes.toString('latin1') });
const folder = folderOf({
  images: latin1(images),
  labels: latin1(labels),
  'images.gz': latin1(gzipSync(images)),
  'labels.gz': latin1(gzipSync(labels)),
});
const at = (name: string) => join(folder, name);
const file = (bytes: Buffer) => join(folderOf({ file: latin1(bytes) }), 'file');

testDataset(mnist, [
  {
    title: 'images are called by their numbers, with the labels beside them',
    params: { images: at('images'), labels: at('labels') },
    ids: ['0', '1', '2'],
    labels: [7, 2, 1],
  },
  {
    title: 'both may be packed',
    params: { images: at('images.gz'), labels: at('labels.gz') },
    ids: ['0', '1', '2'],
    labels: [7, 2, 1],
  },
  {
    title: 'without labels there are none',
    params: { images: at('images') },
    ids: ['0', '1', '2'],
    labels: [undefined, undefined, undefined],
  },
  {
    title: 'a limit takes the first',
    params: { images: at('images.gz'), labels: at('labels'), limit: 2 },
    ids: ['0', '1'],
    labels: [7, 2],
  },
  { title: 'no file is refused', params: {}, refused: 'images' },
  ...(
    [
      ['labels in the place of images', at('labels'), undefined],
      ['images in the place of labels', at('images'), at('images')],
      ['fewer labels than images', at('images'), file(idx([2], [1, 2]))],
      ['an empty file', file(Buffer.alloc(0)), undefined],
      ['a file of doubles', file(idx([1, 1, 1], [0, 0, 0, 0, 0, 0, 0, 0], 14)), undefined],
      ['a file that breaks off', file(images.subarray(0, 30)), undefined],
      ['a file with more than its sizes say', file(Buffer.concat([images, Buffer.alloc(1)])), undefined],
      ['images without pixels', file(idx([3, 0, 3], [])), undefined],
      ['sizes beyond all memory', file(idx([2 ** 31, 2 ** 31, 2 ** 31], [])), undefined],
      ['packed sizes beyond all memory', file(gzipSync(idx([2 ** 31, 28, 28], []))), undefined],
      ['packed labels that break off', at('images'), file(gzipSync(labels.subarray(0, 9)))],
      ['a packed file that is damaged', file(Buffer.from(gzipSync(images)).fill(255, 4)), undefined],
    ] as const
  ).map(([title, images, labels]) => ({
    title: `${title} fails`,
    params: { images, ...(labels !== undefined && { labels }) },
    fails: 'OOD_DATASET_INVALID' as const,
  })),
]);

describe('an image of MNIST', () => {
  it.each(['images', 'images.gz'])('has each grey as three colours: %s', async (name) => {
    const { images } = await mnist.open({ images: at(name) });
    const read = async (n: number) => (await (images[n] as ImageSource).read()) as RawPixels;
    expect((await read(2)).shape).toEqual([2, 3, 3]);
    expect([...(await read(2)).data]).toEqual([120, 130, 140, 150, 160, 170].flatMap((grey) => [grey, grey, grey]));
    expect((await read(0)).data[3]).toBe(10);
  });

  it('says where a packed file breaks off', async () => {
    const { images: listed } = await mnist.open({ images: file(gzipSync(images.subarray(0, 24))) });
    await expect((listed[2] as ImageSource).read()).rejects.toThrow('ends at byte 24, but byte 28 was requested');
  });
});
