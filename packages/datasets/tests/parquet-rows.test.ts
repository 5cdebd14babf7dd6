import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { schemaOf, type ImageSource } from '@farout/core';
import { parquet } from '../src/index.ts';
import { PackedFile } from '../src/packed-file.ts';
import { RowImages } from '../src/parquet-rows.ts';
import { openTable } from '../src/parquet-table.ts';
import { folderOf } from './folder-of.ts';
import { bytesOf, parquetOf, rowsOf, type Layout } from './parquet-of.ts';
import { itWithPython, runPython } from './python.ts';

const oneFile = (count: number, layout: Layout = {}) =>
  folderOf({ 'a.parquet': { bytes: Buffer.from(parquetOf(rowsOf(count), layout)).toString('latin1') } });

/** A table of ten images in row groups of four, and the places that are read of it. */
async function watched() {
  const table = await openTable(await PackedFile.open(join(oneFile(10, { rowGroupSize: 4 }), 'a.parquet')));
  const read: number[] = [];
  const buffer = {
    byteLength: table.buffer.byteLength,
    slice: (start: number, end?: number) => {
      read.push(start);
      return table.buffer.slice(start, end);
    },
  };
  return { table: { ...table, buffer }, read };
}

describe('RowImages', () => {
  it('reads each row group once when images are asked for in their order, several at a time', async () => {
    const { table, read } = await watched();
    const rows = new RowImages('image');
    const images: Uint8Array[] = [];
    for (const batch of [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9]])
      images.push(...(await Promise.all(batch.map((row) => rows.read(table, row)))));
    expect(images).toEqual(Array.from({ length: 10 }, (_, row) => bytesOf(row)));
    expect(read).toHaveLength(3);
    expect(new Set(read).size).toBe(3);
  });

  it('holds one group of several files, and gives the same bytes when it comes back', async () => {
    const [one, other] = [await watched(), await watched()];
    const rows = new RowImages('image');
    for (const { table } of [one, other, one]) expect(await rows.read(table, 1)).toEqual(bytesOf(1));
    expect([one.read.length, other.read.length]).toEqual([2, 1]);
  });
});

const open = (params: Record<string, unknown>) => parquet.open(schemaOf(parquet).parse(params));
const info = (names: unknown) => JSON.stringify({ info: { features: { label: { names, _type: 'ClassLabel' } } } });

describe('the classes of a Parquet file', () => {
  it('are called as the hub writes into it', async () => {
    const folder = oneFile(3, { huggingface: info(['cat', 'dog', 'bird']) });
    expect((await open({ folder, label: 'label' })).classes).toEqual(['cat', 'dog', 'bird']);
    expect((await open({ folder })).classes).toBeUndefined();
  });

  it.each([undefined, '', '{', '{}', info('cat'), info([1, 2]), info(['', 'b'])])(
    'have no names in %j',
    async (huggingface) => {
      const layout = huggingface === undefined ? {} : { huggingface };
      expect((await open({ folder: oneFile(3, layout), label: 'label' })).classes).toBeUndefined();
    },
  );
});

describe('Parquet files of another writer', () => {
  const write = `
import sys, pyarrow as pa, pyarrow.parquet as pq
rows = [{'image': {'bytes': bytes((7 * n + i) % 256 for i in range(100 + n)), 'path': '%d.png' % n}, 'label': n % 5 - 1} for n in range(500)]
table = pa.Table.from_pylist(rows, schema=pa.schema([('image', pa.struct([('bytes', pa.binary()), ('path', pa.string())])), ('label', pa.int64())]))
pq.write_table(table, sys.argv[1], row_group_size=90, compression=sys.argv[2], data_page_version=sys.argv[3], use_dictionary=sys.argv[3] == '1.0')
`;
  for (const [codec, version] of [
    ['snappy', '1.0'],
    ['none', '2.0'],
    ['gzip', '1.0'],
    ['brotli', '2.0'],
  ] as const)
    itWithPython('pyarrow')(`are read as pyarrow has written them: ${codec}, pages of version ${version}`, async () => {
      const folder = folderOf({});
      runPython(write, join(folder, 'a.parquet'), codec, version);
      const { images } = await open({ folder, label: 'label' });
      expect(images.map(({ label = -1 }) => label)).toEqual(Array.from({ length: 500 }, (_, n) => (n % 5) - 1));
      for (const n of [0, 89, 90, 499, 3]) {
        const bytes = (await (images[n] as ImageSource).read()) as Uint8Array;
        expect([...bytes]).toEqual(Array.from({ length: 100 + n }, (_, i) => (7 * n + i) % 256));
      }
    });
});
