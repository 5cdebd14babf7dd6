import { parquetMetadata } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { ImageReader } from '../src/image-reader.ts';
import { bytesOf, parquetOf, rowsOf } from './write-images.ts';

/** A reader of ten images in row groups of four, and the places that it has read. */
function watched() {
  const bytes = parquetOf(rowsOf(10), { rowGroupSize: 4 });
  const metadata = parquetMetadata(bytes);
  const read: number[] = [];
  const file = {
    byteLength: bytes.length,
    slice: (start: number, end?: number) => {
      read.push(start);
      return Promise.resolve(bytes.slice(start, end).buffer);
    },
  };
  const reader = new ImageReader({ name: 'a.parquet', file, metadata, columns: [], rows: 10, version: '1' }, 'image');
  return { reader, read };
}

describe('ImageReader', () => {
  it('reads nothing before an image is asked for', () => {
    expect(watched().read).toEqual([]);
  });

  it('reads each row group once when images are asked for in their order, several at a time', async () => {
    const { reader, read } = watched();
    const images: Uint8Array[] = [];
    for (const batch of [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9]]) {
      images.push(...(await Promise.all(batch.map((row) => reader.read(row)))));
    }
    expect(images).toEqual(Array.from({ length: 10 }, (_, row) => bytesOf(row)));
    expect(new Set(read).size).toBe(3);
    expect(read).toHaveLength(3);
  });

  it('gives the same bytes when it comes back to a group', async () => {
    const { reader } = watched();
    const [first] = [await reader.read(1), await reader.read(9)];
    expect(await reader.read(1)).toEqual(first);
  });

  it('gives each image memory of its own, so that a group can be forgotten', async () => {
    const { reader } = watched();
    const [a, b] = [await reader.read(0), await reader.read(1)];
    expect(a.buffer.byteLength).toBe(40);
    expect(a.buffer).not.toBe(b.buffer);
  });
});
