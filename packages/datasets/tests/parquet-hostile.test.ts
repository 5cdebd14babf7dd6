import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ImageSource } from '@farout/core';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, describe, expect, it } from '@jest/globals';
import { parquet } from '../src/parquet.ts';
import { bytesOf, parquetOf, rowsOf } from './parquet-of.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'farout-hostile-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sound = parquetOf(rowsOf(9));
const footerLength = new DataView(sound.buffer).getUint32(sound.length - 8, true);

/** Opens a file of these bytes and reads all of its images; what went wrong, if anything did. */
async function use(
  bytes: Uint8Array,
  labels: { label?: string } = { label: 'label' },
): Promise<PromiseSettledResult<Awaited<ReturnType<ImageSource['read']>>>[]> {
  writeFileSync(path.join(folder, 'a.parquet'), bytes);
  const { images } = await parquet.open({ folder, image: 'image', ...labels });
  return Promise.allSettled(images.map((image) => (image as ImageSource).read()));
}

const refused = { code: 'OOD_DATASET_INVALID' };

describe('a file that is no Parquet file', () => {
  it.each([
    ['is empty', new Uint8Array()],
    ['is a picture', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)],
    ['is the mark of the end alone', new TextEncoder().encode('PAR1')],
    ['has a footer longer than itself', new TextEncoder().encode('PAR1\xff\xff\xff\xffPAR1')],
    ['ends in the middle', sound.subarray(0, sound.length / 2)],
  ])('%s: it is refused by its name', async (_title, bytes) => {
    await expect(use(bytes)).rejects.toMatchObject(refused);
    await expect(use(bytes)).rejects.toThrow('a.parquet');
  });
});

describe('a Parquet file with more rows than bytes', () => {
  it('is refused before a list of its rows is made', async () => {
    const data = Array.from({ length: 20_000 }, () => bytesOf(0));
    const small = parquetWriteBuffer({ columnData: [{ name: 'image', data, type: 'BYTE_ARRAY' }] });
    await expect(use(new Uint8Array(small), {})).rejects.toThrow(/a\.parquet: it claims 20000 rows in \d+ bytes$/);
  });
});

describe('a damaged Parquet file', () => {
  it('is read or refused, whichever byte of its footer is wrong, and fails in no other way', async () => {
    const others: unknown[] = [];
    for (let place = sound.length - 8 - footerLength; place < sound.length; place++) {
      const bytes = Uint8Array.from(sound);
      bytes[place]! ^= 1 + ((place * 104_729) % 255);
      await use(bytes).catch((error: unknown) => {
        if ((error as { code?: unknown }).code !== 'OOD_DATASET_INVALID') others.push([place, error]);
      });
    }
    expect(others).toEqual([]);
  });

  it('that lost its images keeps its list, and each image says what is wrong', async () => {
    const bytes = Uint8Array.from(sound).fill(0xff, 4, 200);
    const outcomes = await use(bytes, {});
    const readable = outcomes.map(({ status }) => status === 'fulfilled');
    expect(readable).toEqual([false, false, false, false, true, true, true, true, true]);
  });
});
