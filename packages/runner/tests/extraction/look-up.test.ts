import { stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ImageFile } from '@farout/core';
import { FileIndex, type Cut } from '../../src/extraction/file-index.ts';
import { cutListing, lookUp } from '../../src/extraction/look-up.ts';
import { Shards } from '../../src/extraction/shards.ts';
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

describe('cutListing', () => {
  const listing = (count: number) =>
    Array.from({ length: count }, (_, at) => ({
      id: `${at}`,
      version: `${at}`,
      read: () => Promise.reject(new Error()),
    }));
  const sizes = (cuts: readonly Cut[]) => cuts.map(({ images: { length } }) => length);

  it.each([
    { count: 1, largest: 1 },
    { count: 130, largest: 64 },
    { count: 8191, largest: 64 },
    { count: 8192, largest: 128 },
    { count: 16_384, largest: 256 },
    { count: 100_000, largest: 256 },
  ])('cuts $count images into shards of at most $largest, in order', ({ count, largest }) => {
    const all = listing(count);
    const cuts = cutListing({ images: all });
    expect(cuts.flatMap((each) => each.images)).toEqual(all);
    expect(new Set(sizes(cuts).slice(0, -1))).toEqual(new Set(cuts.length > 1 ? [largest] : []));
    expect(sizes(cuts).at(-1)).toBeLessThanOrEqual(largest);
  });

  it('cuts a part of a listing where it cuts the whole', () => {
    const all = listing(130);
    const odd = all.filter((_, at) => at % 2 === 1);
    const [whole, part] = [cutListing({ images: all }), cutListing({ images: odd, listing: all })];
    expect(part.map(({ place }) => place)).toEqual(whole.map(({ place }) => place));
    expect(sizes(part)).toEqual([32, 32, 1]);
  });

  it('keeps every second place where a listing grows to need larger shards', () => {
    const all = listing(8192);
    const places = (cuts: readonly Cut[]) => cuts.map(({ place }) => place);
    const [before, after] = [cutListing({ images: all.slice(0, -1) }), cutListing({ images: all })].map(places);
    expect(after).toEqual(before!.filter((_, at) => at % 2 === 0));
  });
});

describe('lookUp', () => {
  it('asks a store that is far away for several shards at once, and returns them in order', async () => {
    const cuts = cutListing({
      images: Array.from({ length: 64 * 20 }, (_, at) => {
        return { id: `${at}`, version: `${at}`, read: () => Promise.reject(new Error()) };
      }),
    });
    const [store, asked] = [new FileStore(folder), { now: 0, most: 0 }];
    const far = {
      read: async (key: string) => {
        const isLookUp = key.startsWith('files/');
        if (isLookUp) asked.most = Math.max(asked.most, ++asked.now);
        await setTimeout(5);
        if (isLookUp) asked.now--;
        return store.read(key);
      },
    } as unknown as FileStore;
    const entries = new Entries({ store: far, logger: silent });
    const progress = { start: () => undefined, advance: () => undefined, stop: () => undefined };
    const found = await lookUp('fake', cuts, {
      ...{ index: new FileIndex(entries), shards: new Map([['a', new Shards(entries, 'a')]]), progress },
      ...{ claims: undefined as never, pool: () => Promise.reject(new Error()), onUnreadable: 'skip' },
      signal: new AbortController().signal,
    });
    expect(found.map(({ cut: each }) => each)).toEqual(cuts);
    expect(asked.most).toBe(8);
  });
});
