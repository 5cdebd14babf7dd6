import { stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ImageFile } from '@farout/core';
import { FileIndex, type Cut } from '../../src/extraction/file-index.ts';
import { cutListing } from '../../src/extraction/look-up.ts';
import { Entries } from '../../src/store/entries.ts';
import { FileStore } from '../../src/store/store.ts';
import { silent, temporaryFolder, writeImages } from '../fixtures/tiny.ts';

let folder: string;
let images: ImageFile[];
let cut: Cut;
let index: FileIndex;

beforeEach(async () => {
  folder = await temporaryFolder();
  images = (await writeImages(folder, 0, 3)) as ImageFile[];
  [cut] = cutListing({ images }) as [Cut];
  index = new FileIndex(new Entries({ store: new FileStore(folder), logger: silent }));
});

async function learn(contents: readonly (string | undefined)[]): Promise<void> {
  const { stamps } = await index.look(cut);
  await index.remember(cut, { stamps, contents });
}

/** Waits until a file that changes now has another time of change than this one: file systems count in steps. */
async function nextTick(file: string): Promise<void> {
  const { ctimeMs } = await stat(file);
  const later = path.join(folder, 'later');
  do await writeFile(later, '');
  while ((await stat(later)).ctimeMs === ctimeMs);
}

const known = async () => (await index.look(cut)).contents;

describe('FileIndex', () => {
  it('knows nothing of files that were never read', async () => {
    expect(await known()).toEqual([undefined, undefined, undefined]);
  });

  it('knows the content of files that were read, without reading them', async () => {
    await learn(['a', 'b', 'c']);
    expect(await known()).toEqual(['a', 'b', 'c']);
  });

  it('no longer knows a file whose time changed', async () => {
    await learn(['a', 'b', 'c']);
    await utimes(images[1]!.path, 1, 1);
    expect(await known()).toEqual(['a', undefined, 'c']);
  });

  it('no longer knows a file of the same size whose time was set back', async () => {
    await learn(['a', 'b', 'c']);
    const { path } = images[0]!;
    const { atime, mtime, size } = await stat(path);
    await nextTick(path);
    await writeFile(path, Buffer.alloc(size, 'x'));
    await utimes(path, atime, mtime);
    expect(await known()).toEqual([undefined, 'b', 'c']);
  });

  it('knows the files of a longer listing that begins alike, and still those of the shorter one', async () => {
    await learn(['a', 'b', 'c']);
    const [shorter] = cutListing({ images: images.slice(0, 2) }) as [Cut];
    const { stamps } = await index.look(shorter);
    expect((await index.look(shorter)).contents).toEqual(['a', 'b']);
    await index.remember(shorter, { stamps, contents: ['a', 'b'] });
    expect(await known()).toEqual(['a', 'b', 'c']);
  });

  it('knows what is no file by its version', async () => {
    const source = (version: string) => ({ id: 'x', version, read: () => Promise.resolve(new Uint8Array()) });
    const [one] = cutListing({ images: [source('1')] }) as [Cut];
    const [two] = cutListing({ images: [source('2')] }) as [Cut];
    await index.remember(one, { ...(await index.look(one)), contents: ['a'] });
    expect((await index.look(one)).contents).toEqual(['a']);
    expect((await index.look(two)).contents).toEqual([undefined]);
  });
});
