import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { ImageSource, RawPixels } from '@farout/core';
import { testDataset } from '@farout/testing';
import { cifar } from '../src/index.ts';
import { folderOf } from './folder-of.ts';
import { itWithPython, runPython } from './python.ts';

/** Byte `i` of image `n`. */
const byteOf = (n: number, i: number) => (n * 31 + i * 7 + (i >> 8)) % 251;
const imageOf = (n: number) => Buffer.from(Array.from({ length: 3072 }, (_, i) => byteOf(n, i)));
const records = (...heads: number[][]) => ({
  bytes: Buffer.concat(heads.flatMap((head, n) => [Buffer.from(head), imageOf(n)])).toString('latin1'),
});

/** What Python 2 writes of `{'data': data, labels: [...], names: [...]}`, as the publisher's files have it. */
function pickled(labels: string, values: readonly number[], images = values.length) {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(images * 3072);
  const shape = `M${String.fromCharCode(images, 0)}M\x00\x0c\x86`;
  const array =
    `cnumpy.core.multiarray\n_reconstruct\nq\x05cnumpy\nndarray\nq\x06K\x00\x85U\x01b\x87Rq\x07(K\x01${shape}` +
    'cnumpy\ndtype\nq\x08U\x02u1K\x00K\x01\x87Rq\x09(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89T' +
    size.toString('latin1') +
    Buffer.concat(Array.from({ length: images }, (_, n) => imageOf(n))).toString('latin1') +
    'tb';
  const list = values.map((each) => `K${String.fromCharCode(each)}`).join('');
  return {
    bytes: `\x80\x02}q\x01(U\x04dataq\x02${array}U${String.fromCharCode(labels.length)}${labels}q\x03](${list}eu.`,
  };
}
const named = (key: string, names: readonly string[]) => ({
  bytes: `\x80\x02}q\x01U${String.fromCharCode(key.length)}${key}q\x02](${names.map((name) => `U${String.fromCharCode(name.length)}${name}`).join('')}es.`,
});

const ten = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];
const binary = folderOf({
  'test_batch.bin': records([3], [9], [0]),
  ...Object.fromEntries([1, 2, 3, 4, 5].map((n) => [`data_batch_${n}.bin`, records([n])])),
  'batches.meta.txt': `${ten.join('\n')}\n\n`,
});
const python = folderOf({ test_batch: pickled('labels', [3, 9, 0]), 'batches.meta': named('label_names', ten) });
const hundred = folderOf({
  'test.bin': records([1, 3], [0, 2]),
  'train.bin': records([0, 0]),
  'fine_label_names.txt': 'apple\nfish\nbaby\nbear\n',
  'coarse_label_names.txt': 'food\r\nanimals\r\n',
});
const hundredPython = folderOf({
  test: pickled('fine_labels', [3, 2]),
  meta: named('fine_label_names', ['apple', 'fish', 'baby', 'bear']),
});

testDataset(cifar, [
  {
    title: 'records of CIFAR-10 are images with their labels',
    params: { folder: binary },
    ids: ['test_batch.bin:0', 'test_batch.bin:1', 'test_batch.bin:2'],
    labels: [3, 9, 0],
  },
  {
    title: 'the training set is the five batches in their order',
    params: { folder: binary, set: 'train' },
    ids: [1, 2, 3, 4, 5].map((n) => `data_batch_${n}.bin:0`),
    labels: [1, 2, 3, 4, 5],
  },
  {
    title: 'a limit opens no more files than it needs',
    params: {
      folder: folderOf({ 'test_batch.bin': '', 'data_batch_1.bin': records([7]), 'batches.meta.txt': ten.join('\n') }),
      set: 'train',
      limit: 1,
    },
    ids: ['data_batch_1.bin:0'],
  },
  {
    title: 'the pickled batch has the same images',
    params: { folder: python },
    ids: ['test_batch:0', 'test_batch:1', 'test_batch:2'],
    labels: [3, 9, 0],
  },
  {
    title: 'the fine labels of CIFAR-100 come second',
    params: { folder: hundred },
    ids: ['test.bin:0', 'test.bin:1'],
    labels: [3, 2],
  },
  {
    title: 'the coarse ones come first',
    params: { folder: hundred, labels: 'coarse' },
    ids: ['test.bin:0', 'test.bin:1'],
    labels: [1, 0],
  },
  {
    title: 'CIFAR-100 is read from its pickle too',
    params: { folder: hundredPython },
    ids: ['test:0', 'test:1'],
    labels: [3, 2],
  },
  {
    title: 'CIFAR-10 has no coarse classes',
    params: { folder: binary, labels: 'coarse' },
    fails: 'OOD_DATASET_INVALID',
  },
  { title: 'another folder fails', params: { folder: folderOf({ 'a.jpg': '' }) }, fails: 'OOD_DATASET_INVALID' },
  { title: 'no folder is refused', params: {}, refused: 'folder' },
  { title: 'a set that is not there is refused', params: { folder: binary, set: 'val' }, refused: 'set' },
  ...(
    [
      ['a file that ends within a record fails', { 'test_batch.bin': { bytes: records([3]).bytes.slice(1) } }],
      ['an empty file fails', { 'test_batch.bin': '' }],
      ['a label beyond the classes fails', { 'test_batch.bin': records([10]) }],
    ] as const
  ).map(([title, files]) => ({
    title,
    params: { folder: folderOf({ 'batches.meta.txt': ten.join('\n'), ...files }) },
    fails: 'OOD_DATASET_INVALID' as const,
  })),
  {
    title: 'without the names of the classes it fails',
    params: { folder: folderOf({ 'test_batch.bin': records([3]) }) },
    fails: 'OOD_DATASET_INVALID',
  },
  ...(
    [
      ['fewer labels than images fail', pickled('labels', [3], 2), 'OOD_DATASET_INVALID'],
      ['a pickle without labels fails', pickled('other', [3]), 'OOD_DATASET_INVALID'],
      ['a pickle that breaks off fails', { bytes: pickled('labels', [3]).bytes.slice(0, 500) }, 'OOD_ARRAY_INVALID'],
      ['a pickle that runs something fails', { bytes: 'cos\nsystem\nU\x04echo\x85R.' }, 'OOD_ARRAY_INVALID'],
      [
        'more bytes than the shape says fail',
        { bytes: pickled('labels', [3]).bytes.replace('M\x01\x00M', 'M\x02\x00M') },
        'OOD_ARRAY_INVALID',
      ],
    ] as const
  ).map(([title, file, fails]) => ({
    title,
    params: { folder: folderOf({ test_batch: file, 'batches.meta': named('label_names', ten) }) },
    fails,
  })),
]);

const open = (params: object) => cifar.open({ set: 'test', labels: 'fine', ...params });
const pixels = async (image: unknown) => (await (image as ImageSource).read()) as RawPixels;

describe('an image of CIFAR', () => {
  it.each([binary, python])('has its planes beside each other, pixel by pixel', async (folder) => {
    const { images, classes } = await open({ folder });
    expect(classes).toEqual(ten);
    const { data, shape } = await pixels(images[1]);
    expect(shape).toEqual([32, 32, 3]);
    for (const [y, x, c] of [
      [0, 0, 0],
      [0, 1, 2],
      [31, 31, 1],
      [7, 20, 2],
    ] as const)
      expect(data[(y * 32 + x) * 3 + c]).toBe(byteOf(1, c * 1024 + y * 32 + x));
  });

  it('cannot be read once its file has changed', async () => {
    const folder = folderOf({ 'test_batch.bin': records([3]), 'batches.meta.txt': ten.join('\n') });
    const { images } = await open({ folder });
    appendFileSync(join(folder, 'test_batch.bin'), 'x');
    await expect(pixels(images[0])).rejects.toThrow('it changed after the dataset was opened');
  });

  it('has another version once its file is another', async () => {
    const folder = folderOf({ 'test_batch.bin': records([3]), 'batches.meta.txt': ten.join('\n') });
    const version = async () => ((await open({ folder })).images[0] as ImageSource).version;
    const before = await version();
    writeFileSync(join(folder, 'test_batch.bin'), Buffer.from(records([4]).bytes, 'latin1'));
    expect(await version()).not.toBe(before);
  });
});

describe('batches that Python has pickled', () => {
  const write = `
import pickle, sys
import numpy as np
folder, protocol = sys.argv[1], int(sys.argv[2])
data = np.random.default_rng(0).integers(0, 256, (300, 3072), dtype=np.uint8)
labels = [int(each) for each in data[:, 0] % 10]
batch = {'batch_label': 'testing batch 1 of 1', 'labels': labels, 'data': data, 'filenames': ['%d.png' % i for i in range(300)]}
with open(folder + '/test_batch', 'wb') as file: pickle.dump(batch, file, protocol)
with open(folder + '/batches.meta', 'wb') as file: pickle.dump({'num_vis': 3072, 'label_names': list('abcdefghij')}, file, protocol)
print(','.join(map(str, labels)), ','.join(map(str, data[299].reshape(3, 32, 32).transpose(1, 2, 0).ravel())))
`;
  for (const protocol of [3, 4, 5]) {
    itWithPython('numpy')(`are read as numpy has them, in protocol ${protocol}`, async () => {
      const folder = folderOf({});
      const [labels, last] = runPython(write, folder, String(protocol)).trim().split(' ');
      const { images, classes } = await open({ folder });
      expect(classes).toEqual('abcdefghij'.split(''));
      expect(images.map(({ label }) => label).join()).toBe(labels);
      expect((await pixels(images[299])).data.join()).toBe(last);
    });
  }
});
