import { rm } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { Thumbnails } from '../../src/report-data/thumbnails.ts';
import { FileStore } from '../../src/store/file-store.ts';
import { png } from '../fixtures/png.ts';
import { pixelsOf, side, temporaryFolder, writeImages } from '../fixtures/tiny.ts';

let folder: string;
let store: FileStore;

beforeEach(async () => {
  folder = await temporaryFolder();
  store = new FileStore(path.join(folder, 'store'));
});

/** An image that counts how often it is read. */
function source(bytes = png(side, side, pixelsOf(0))) {
  const reads = { count: 0 };
  const read = () => Promise.resolve((reads.count++, bytes));
  return { reads, image: { id: 's', version: '1', read } };
}

describe('Thumbnails', () => {
  it('are JPEGs in base64, of files and of sources', async () => {
    const [file] = await writeImages(path.join(folder, 'images'), 0, 1);
    for (const [index, image] of [file!, source().image].entries()) {
      const made = await new Thumbnails(store).of(image, `content${index}`);
      const { format, width, height } = await sharp(Buffer.from(made!, 'base64')).metadata();
      expect({ format, width, height }).toEqual({ format: 'jpeg', width: side, height: side });
    }
  });

  it('are made once for each content, in this run and in later ones', async () => {
    const { image, reads } = source();
    const thumbnails = new Thumbnails(store);
    const [first, second] = await Promise.all([thumbnails.of(image, 'a'), thumbnails.of(image, 'a')]);
    expect(await new Thumbnails(store).of(image, 'a')).toBe(first);
    expect(second).toBe(first);
    expect(reads.count).toBe(1);
  });

  it('are absent where an image has gone or is none', async () => {
    const [gone] = await writeImages(path.join(folder, 'images'), 0, 1);
    await rm(path.join(folder, 'images'), { recursive: true });
    expect(await new Thumbnails(store).of(gone!, 'a')).toBeUndefined();
    expect(await new Thumbnails(store).of(source(Buffer.from('no image')).image, 'b')).toBeUndefined();
  });
});
