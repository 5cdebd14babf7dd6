import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import type { DatasetImage, ImageFile } from '@farout/core';
import { Thumbnails } from '../../src/report-data/thumbnails.ts';
import { Entries, hashBytes } from '../../src/store/entries.ts';
import { FileStore } from '../../src/store/store.ts';
import { png } from '../fixtures/png.ts';
import { pixelsOf, side, silent, temporaryFolder, writeImages } from '../fixtures/tiny.ts';

let folder: string;
let entries: Entries;

beforeEach(async () => {
  folder = await temporaryFolder();
  entries = new Entries({ store: new FileStore(path.join(folder, 'store')), logger: silent });
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
    const content = hashBytes(await readFile((file as ImageFile).path));
    for (const [image, key] of [
      [file!, content],
      [source().image, 'version'],
    ] as const) {
      const { thumbnail } = await new Thumbnails(entries).of(image, key);
      const { format, width, height } = await sharp(Buffer.from(thumbnail!, 'base64')).metadata();
      expect({ format, width, height }).toEqual({ format: 'jpeg', width: side, height: side });
    }
  });

  it('are made once for each content, in this run and in later ones', async () => {
    const { image, reads } = source();
    const thumbnails = new Thumbnails(entries);
    const [first, second] = await Promise.all([thumbnails.of(image, 'a'), thumbnails.of(image, 'a')]);
    expect(await new Thumbnails(entries).of(image, 'a')).toEqual(first);
    expect(second).toEqual(first);
    expect(reads.count).toBe(1);
  });

  it('are absent, with the reason, where an image has gone, has changed or is none', async () => {
    const saidOf = (image: DatasetImage) => new Thumbnails(entries).of(image, 'what it was');
    const [changed] = await writeImages(path.join(folder, 'images'), 1, 2);
    expect(await saidOf(changed!)).toEqual({ noThumbnail: 'changed since it was scored' });
    const [gone] = await writeImages(path.join(folder, 'images'), 0, 1);
    await rm(path.join(folder, 'images'), { recursive: true });
    expect(await saidOf(gone!)).toEqual({ noThumbnail: 'gone since it was scored' });
    const noImage = { noThumbnail: expect.stringMatching(/^cannot be read: ./) as unknown };
    expect(await saidOf(source(Buffer.from('no image')).image)).toEqual(noImage);
    const thrown = { id: 's', version: '1', read: () => Promise.reject(new Error('no luck')) };
    expect(await saidOf(thrown)).toEqual({ noThumbnail: 'cannot be read: no luck' });
  });
});
