import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ImageSource } from '@farout/core';
import { testDataset } from '@farout/testing';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, describe, expect, it } from '@jest/globals';
import { parquet } from '../src/parquet.ts';
import { bytesOf, parquetOf, rowsOf, writeImages, type Layout, type Row } from './parquet-of.ts';

const root = mkdtempSync(path.join(tmpdir(), 'farout-parquet-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A folder with a file for each entry. */
function folderOf(files: Readonly<Record<string, Uint8Array>>): string {
  const folder = mkdtempSync(path.join(root, 'case-'));
  for (const [name, bytes] of Object.entries(files)) writeFileSync(path.join(folder, name), bytes);
  return folder;
}
const oneFile = (rows: readonly Row[], layout?: Layout) => folderOf({ 'a.parquet': parquetOf(rows, layout) });

const plain = folderOf({
  'bytes.parquet': new Uint8Array(
    parquetWriteBuffer({
      columnData: [
        { name: 'photo', data: [bytesOf(0), bytesOf(1)], type: 'BYTE_ARRAY' },
        { name: 'class', data: [4, 5], type: 'INT32' },
      ],
    }),
  ),
});
const splits = folderOf({
  'test-00001-of-00002.parquet': parquetOf(rowsOf(2)),
  'test-00000-of-00002.parquet': parquetOf(rowsOf(1)),
  'train-00000-of-00001.parquet': parquetOf(rowsOf(3)),
  'README.md': new Uint8Array(3),
});

testDataset(parquet, [
  {
    title: 'rows are images, in their order, with the classes that the column says',
    params: { folder: oneFile(rowsOf(6)), label: 'label' },
    ids: [0, 1, 2, 3, 4, 5].map((row) => `a.parquet:${row}`),
    labels: [0, 1, 2, 0, 1, 2],
  },
  {
    title: 'without a column for them there are no labels',
    params: { folder: oneFile(rowsOf(2)) },
    ids: ['a.parquet:0', 'a.parquet:1'],
    labels: [undefined, undefined],
  },
  {
    title: 'null and −1 stand for no label',
    params: { folder: oneFile([null, -1n, 7n].map((label) => ({ bytes: bytesOf(0), label }))), label: 'label' },
    ids: ['a.parquet:0', 'a.parquet:1', 'a.parquet:2'],
    labels: [undefined, undefined, 7],
  },
  {
    title: 'columns may have other names, and images be bytes alone',
    params: { folder: plain, image: 'photo', label: 'class' },
    ids: ['bytes.parquet:0', 'bytes.parquet:1'],
    labels: [4, 5],
  },
  {
    title: 'files of a split are taken in the order of their names',
    params: { folder: splits, prefix: 'test-' },
    ids: ['test-00000-of-00002.parquet:0', 'test-00001-of-00002.parquet:0', 'test-00001-of-00002.parquet:1'],
  },
  {
    title: 'a limit ends in the middle of a file',
    params: { folder: splits, limit: 2 },
    ids: ['test-00000-of-00002.parquet:0', 'test-00001-of-00002.parquet:0'],
  },
  { title: 'a limit of 0 is refused', params: { folder: root, limit: 0 }, refused: 'limit' },
  { title: 'no folder is refused', params: {}, refused: 'folder' },
  { title: 'a folder without a file fails', params: { folder: folderOf({}) }, fails: 'OOD_DATASET_INVALID' },
  { title: 'a split without a file fails', params: { folder: splits, prefix: 'dev-' }, fails: 'OOD_DATASET_INVALID' },
  { title: 'a column that is not there fails', params: { folder: plain }, fails: 'OOD_DATASET_INVALID' },
  {
    title: 'numbers where images should be fail',
    params: { folder: plain, image: 'class' },
    fails: 'OOD_DATASET_INVALID',
  },
  {
    title: 'bytes where classes should be fail',
    params: { folder: plain, image: 'photo', label: 'photo' },
    fails: 'OOD_DATASET_INVALID',
  },
  {
    title: 'a class below −1 fails',
    params: { folder: oneFile([{ bytes: bytesOf(0), label: -2n }]), label: 'label' },
    fails: 'OOD_DATASET_INVALID',
  },
  {
    title: 'a compression that is not known fails before an image is read',
    params: { folder: oneFile(rowsOf(3), { codec: 'LZ4' }) },
    fails: 'OOD_DATASET_INVALID',
  },
]);

describe('the images of a Parquet file', () => {
  const read = async (folder: string) => {
    const { images } = await parquet.open({ folder, image: 'image' });
    return Promise.all(images.map((image) => (image as ImageSource).read()));
  };

  it.each(['SNAPPY', 'UNCOMPRESSED', 'GZIP', 'BROTLI'] as const)(
    'have the bytes that were written, byte by byte: %s',
    async (codec) => {
      const rows = rowsOf(11);
      expect(await read(oneFile(rows, { codec }))).toEqual(rows.map(({ bytes }) => bytes));
    },
  );

  it('that have no bytes cannot be read, and the row is named', async () => {
    await expect(read(oneFile([...rowsOf(1), { bytes: null }]))).rejects.toThrow('row 1 of a.parquet has no bytes');
  });

  it('get other versions when the file changes', async () => {
    const folder = oneFile(rowsOf(2));
    const versions = async () =>
      (await parquet.open({ folder, image: 'image' })).images.map((image) => (image as ImageSource).version);
    const before = await versions();
    writeImages(path.join(folder, 'a.parquet'), rowsOf(3));
    expect((await versions()).slice(0, 2)).not.toEqual(before);
    expect(new Set(before).size).toBe(2);
  });
});
