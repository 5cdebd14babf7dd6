import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parquet } from '../src/parquet.ts';
import { parquetOf, rowsOf } from './write-images.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'oodkit-hostile-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sound = parquetOf(rowsOf(9));
const footerLength = new DataView(sound.buffer).getUint32(sound.length - 8, true);

/** Opens a file of these bytes and reads all of its images; what went wrong, if anything did. */
async function use(bytes: Uint8Array): Promise<unknown> {
  writeFileSync(path.join(folder, 'a.parquet'), bytes);
  const { images } = await parquet.open({ folder, image: 'image', label: 'label' });
  const read = images.map(async (image) => ('read' in image ? image.read() : undefined));
  return Promise.allSettled(read);
}

const refused = expect.objectContaining({ code: 'OOD_DATASET_INVALID' });

describe('a file that is no Parquet file', () => {
  it.each([
    ['is empty', new Uint8Array()],
    ['is a picture', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)],
    ['is the mark of the end alone', new TextEncoder().encode('PAR1')],
    ['has a footer longer than itself', new TextEncoder().encode('PAR1\xff\xff\xff\xffPAR1')],
    ['ends in the middle', sound.subarray(0, sound.length / 2)],
  ])('%s: it is refused by its name', async (_title, bytes) => {
    await expect(use(bytes)).rejects.toThrow(refused);
    await expect(use(bytes)).rejects.toThrow('a.parquet');
  });
});

describe('a damaged Parquet file', () => {
  /** One byte changed, at places and in ways that look random and are the same in every run. */
  const damages = Array.from({ length: 400 }, (_, n) => {
    const inFooter = n % 2 === 0;
    const from = inFooter ? sound.length - 8 - footerLength : 0;
    const place = from + ((n * 7919) % (sound.length - 8 - from));
    return { place, by: 1 + ((n * 104_729) % 255) };
  });

  it('is read or refused, whichever byte is wrong, and never ends otherwise', async () => {
    const others: unknown[] = [];
    for (const { place, by } of damages) {
      const bytes = Uint8Array.from(sound);
      bytes[place] = bytes[place]! ^ by;
      await use(bytes).catch((error: unknown) => {
        if ((error as { code?: unknown }).code !== 'OOD_DATASET_INVALID') others.push([place, by, error]);
      });
    }
    expect(others).toEqual([]);
  }, 60_000);
});
