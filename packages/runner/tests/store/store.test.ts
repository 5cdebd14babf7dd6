import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { FileStore } from '../../src/store/store.ts';
import { temporaryFolder } from '../fixtures/tiny.ts';

const bytes = (text: string) => new Uint8Array(Buffer.from(text));

describe('FileStore', () => {
  it('has nothing where nothing was written', async () => {
    expect(await new FileStore(await temporaryFolder()).read('a/b.json')).toBeUndefined();
  });

  it('gives back what was written, the last of two', async () => {
    const store = new FileStore(await temporaryFolder());
    await store.write('a/b.json', bytes('one'));
    await store.write('a/b.json', bytes('two'));
    expect(Buffer.from((await store.read('a/b.json'))!).toString()).toBe('two');
  });

  it('leaves no temporary file behind, also when many write one entry at once', async () => {
    const folder = await temporaryFolder();
    const stores = Array.from({ length: 20 }, () => new FileStore(folder));
    await Promise.all(stores.map((store, i) => store.write('entry', bytes(String(i).repeat(1000)))));
    expect(await readdir(folder)).toEqual(['entry']);
    expect(
      new Set(
        Buffer.from((await stores[0]!.read('entry'))!)
          .toString()
          .replace(/(\d{2}|\d)\1*/, '$1'),
      ),
    ).toBeTruthy();
  });

  it('names the entry and what to do when it cannot write', async () => {
    const folder = await temporaryFolder();
    await writeFile(path.join(folder, 'file'), 'in the way');
    const writing = new FileStore(folder).write('file/entry', bytes('x'));
    await expect(writing).rejects.toMatchObject({ code: 'OOD_STORE_FAILED', fix: expect.stringContaining('store:') });
  });
});
