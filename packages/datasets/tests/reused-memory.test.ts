import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { PackedFile } from '../src/packed-file.ts';
import { RowImages } from '../src/parquet-rows.ts';
import { openTable } from '../src/parquet-table.ts';
import { ReusedMemory } from '../src/reused-memory.ts';
import { folderOf } from './folder-of.ts';
import { parquetOf, type Layout } from './parquet-of.ts';

/** Bytes that hardly pack, as those of photographs, of many lengths. */
function photographOf(index: number): Buffer {
  const pieces = Array.from({ length: 20_000 + 500 * index }, (_, i) =>
    createHash('sha256').update(`${index} ${i}`).digest(),
  );
  return Buffer.concat(pieces);
}

const photographs = Array.from({ length: 12 }, (_, index) => photographOf(index));
/** A table in groups of four, each too long to be read with other columns, and the memory that its file is read into. */
async function watched(layout: Layout) {
  const bytes = parquetOf(
    photographs.map((image) => ({ bytes: image })),
    { rowGroupSize: 4, ...layout },
  );
  const file = await PackedFile.open(
    join(folderOf({ 'a.parquet': { bytes: Buffer.from(bytes).toString('latin1') } }), 'a.parquet'),
  );
  const memories = new Set<ArrayBufferLike>();
  const readInto = (into: Uint8Array, offset: number) => {
    memories.add(into.buffer);
    return file.readInto(into, offset);
  };
  return { table: { ...(await openTable(file)), file: { name: file.name, readInto } as PackedFile }, memories };
}

describe('row groups that are read into the same memory', () => {
  it.each(['SNAPPY', 'UNCOMPRESSED', 'GZIP'] as const)(
    'leave the images of those before as they were: %s',
    async (codec) => {
      const { table, memories } = await watched({ codec });
      const rows = new RowImages('image');
      const images: Uint8Array[] = [];
      for (const row of photographs.keys()) images.push(await rows.read(table, row));
      for (const [row, image] of images.entries()) expect(Buffer.compare(image, photographs[row]!)).toBe(0);
      expect(images.some(({ buffer }) => memories.has(buffer))).toBe(false);
    },
  );

  it('take no more of it where a group is not longer than those before', async () => {
    const { table, memories } = await watched({});
    const rows = new RowImages('image');
    for (const row of [8, 4, 0, 8]) await rows.read(table, row);
    expect(memories.size).toBe(1);
  });

  it('have memory of their own once their images lay in it, unpacked as they were', async () => {
    const { table, memories } = await watched({ codec: 'UNCOMPRESSED' });
    const rows = new RowImages('image');
    const [first, second] = [await rows.read(table, 0), await rows.read(table, 4)];
    expect(memories.size).toBe(1);
    expect(first.byteLength).toBe(first.buffer.byteLength);
    expect(second.byteLength).toBeLessThan(second.buffer.byteLength);
  });

  it('have memory of their own while they are read at the same time', async () => {
    const { table, memories } = await watched({});
    const rows = new RowImages('image');
    await rows.read(table, 0);
    const images = await Promise.all([4, 8].map((row) => rows.read(table, row)));
    expect(images.map((image, i) => Buffer.compare(image, photographs[4 + 4 * i]!))).toEqual([0, 0]);
    expect(memories.size).toBe(2);
  });

  it('are copied once where rows share the bytes, as those of a dictionary', async () => {
    const { table } = await watched({ codec: 'UNCOMPRESSED' });
    const memory = new ReusedMemory();
    const shared = new Uint8Array(await memory.bufferOf(table).slice(0, 2 ** 20), 100, 8);
    const [one, none, other] = memory.own([shared, undefined, shared]);
    expect(one).toEqual(shared);
    expect(one!.buffer.byteLength).toBe(8);
    expect(other).toBe(one);
    expect(none).toBeUndefined();
  });
});
