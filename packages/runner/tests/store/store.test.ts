import { readdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { FileStore, timeAt } from '../../src/store/store.ts';
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

  it('gives so many bytes of an entry from an offset on, and fewer at its end', async () => {
    const store = new FileStore(await temporaryFolder());
    await store.write('entry', [bytes('abc'), bytes('defg')]);
    const range = async (offset: number, length: number) =>
      Buffer.from((await store.readRange('entry', offset, length))!).toString();
    expect(await range(2, 3)).toBe('cde');
    expect(await range(5, 10)).toBe('fg');
    expect(await range(9, 2)).toBe('');
    expect(await store.readRange('another', 0, 1)).toBeUndefined();
  });

  it('creates an entry where there is none, and leaves one that is there', async () => {
    const folder = await temporaryFolder();
    const store = new FileStore(folder);
    expect(await store.create('entry', bytes('first'))).toBe(true);
    expect(await store.create('entry', bytes('second'))).toBe(false);
    expect(Buffer.from((await store.read('entry'))!).toString()).toBe('first');
    expect(await readdir(folder)).toEqual(['entry']);
  });

  it('names the entry and what to do when it cannot write', async () => {
    const folder = await temporaryFolder();
    await writeFile(path.join(folder, 'file'), 'in the way');
    const writing = new FileStore(folder).write('file/entry', bytes('x'));
    await expect(writing).rejects.toMatchObject({ code: 'OOD_STORE_FAILED', fix: expect.stringContaining('store:') });
  });

  it('tells the time by the clock of the host that holds its files, and leaves nothing behind', async () => {
    const folder = await temporaryFolder();
    const file = path.join(folder, 'written now');
    await writeFile(file, '');
    const { mtimeMs } = await stat(file);
    expect(Math.abs((await timeAt(folder)) - mtimeMs)).toBeLessThan(60_000);
    expect(await readdir(folder)).toEqual(['written now']);
    expect(await timeAt(path.join(folder, 'nowhere'))).toBeGreaterThan(mtimeMs - 60_000);
  });
});
