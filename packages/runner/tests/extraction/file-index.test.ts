import { createHash } from 'node:crypto';
import { readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ImageFile } from '@farout/core';
import { FileIndex } from '../../src/extraction/file-index.ts';
import { Entries } from '../../src/store/entries.ts';
import { FileStore } from '../../src/store/file-store.ts';
import { silent, temporaryFolder, writeImages } from '../fixtures/tiny.ts';

const sha256 = async (file: string) =>
  createHash('sha256')
    .update(await readFile(file))
    .digest('hex');

let folder: string;
let images: ImageFile[];
let index: FileIndex;

beforeEach(async () => {
  folder = await temporaryFolder();
  images = (await writeImages(folder, 0, 3)) as ImageFile[];
  index = new FileIndex(new Entries({ store: new FileStore(folder), logger: silent }));
});

async function learnAll(): Promise<void> {
  const { stamps } = await index.look(images);
  await index.remember(images, stamps, await Promise.all(images.map(({ path }) => sha256(path))));
}

/** Waits until a file that changes now has another time of change than this one: file systems count in steps. */
async function nextTick(file: string): Promise<void> {
  const { ctimeMs } = await stat(file);
  const later = path.join(folder, 'later');
  do await writeFile(later, '');
  while ((await stat(later)).ctimeMs === ctimeMs);
}

describe('FileIndex', () => {
  it('knows nothing of files that were never read', async () => {
    expect((await index.look(images)).contents).toEqual([undefined, undefined, undefined]);
  });

  it('knows the content of files that were read, without reading them', async () => {
    const { stamps } = await index.look(images);
    await index.remember(images, stamps, ['a', 'b', 'c']);
    expect((await index.look(images)).contents).toEqual(['a', 'b', 'c']);
  });

  it('hashes again a file whose time changed, and keeps that', async () => {
    const { stamps } = await index.look(images);
    await index.remember(images, stamps, ['a', 'b', 'c']);
    await utimes(images[1]!.path, 1, 1);
    const expected = ['a', await sha256(images[1]!.path), 'c'];
    expect((await index.look(images)).contents).toEqual(expected);
    expect((await index.look(images)).contents).toEqual(expected);
  });

  it('keeps the new time of a file that was touched, so that it is hashed again only once', async () => {
    await learnAll();
    await utimes(images[1]!.path, 1, 1);
    await index.look(images);
    const { mtimeMs, ctimeMs } = await stat(images[1]!.path);
    const [entry] = await readdir(path.join(folder, 'files'));
    const { data } = JSON.parse(await readFile(path.join(folder, 'files', entry!), 'utf8')) as { data: unknown[] };
    expect(data[1]).toMatchObject({ modified: mtimeMs, changed: ctimeMs, content: await sha256(images[1]!.path) });
  });

  it('holds few of the files at once that it hashes again', async () => {
    const size = 2 ** 23;
    const large = Array.from({ length: 64 }, (_, i) => ({ id: String(i), path: path.join(folder, `large-${i}`) }));
    for (const { path } of large) await writeFile(path, Buffer.alloc(size));
    const { stamps } = await index.look(large);
    await index.remember(large, stamps, Array<string>(64).fill('another'));
    for (const { path } of large) await utimes(path, 1, 1);
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().arrayBuffers - before)), 1);
    await index.look(large);
    clearInterval(watch);
    expect(most).toBeLessThan(32 * size);
  });

  it('notices other content of the same file', async () => {
    await learnAll();
    await writeFile(images[2]!.path, 'something else');
    expect((await index.look(images)).contents[2]).toBe(await sha256(images[2]!.path));
  });

  it('notices other content of the same size whose time was set back', async () => {
    await learnAll();
    const { path } = images[0]!;
    const { atime, mtime, size } = await stat(path);
    await nextTick(path);
    await writeFile(path, Buffer.alloc(size, 'x'));
    await utimes(path, atime, mtime);
    expect((await index.look(images)).contents[0]).toBe(await sha256(path));
  });

  it('takes a version for the content of an image that is no file', async () => {
    const source = (version: string) => [{ id: 'x', version, read: () => Promise.resolve(new Uint8Array()) }];
    const [one] = (await index.look(source('1'))).contents;
    const [again] = (await index.look(source('1'))).contents;
    const [two] = (await index.look(source('2'))).contents;
    expect(again).toBe(one);
    expect(two).not.toBe(one);
  });
});
