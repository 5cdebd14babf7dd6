import { readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { EntryGone } from '@farout/core';
import { hangUp, say, times } from '../../../tools/s3-server.ts';
import { bytes, caught, filesIn, named, text, Workplace } from './workplace.ts';

const here = new Workplace();

describe('a storage on S3', () => {
  it.each(['a.json', 'with blank + plus/ä (1)!.json', "it's*~_-.json", 'percent%20.json', '日本/語.json', 'a//b'])(
    'reads what it wrote under %s, signed as S3 wants it',
    async (key) => {
      const storage = here.open();
      await storage.write(key, [bytes('one '), bytes('two')]);
      expect(text(here.server.entries.get(`bucket/store/${key}`)?.bytes)).toBe('one two');
      expect(text(await here.open({ FAROUT_S3_CACHE: '0' }).read(key))).toBe('one two');
      expect((await storage.list('')).entries.map((entry) => entry.key)).toEqual([key]);
    },
  );

  it('has nothing under a key that is not there', async () => {
    expect(await here.open().read('nothing')).toBeUndefined();
    expect(await here.open().readRange('nothing', 0, 5)).toBeUndefined();
  });

  it('gives a stretch, shorter where the entry ends, and nothing behind it', async () => {
    here.server.put('bucket/store/a', '0123456789');
    expect(text(await here.open().readRange('a', 2, 3))).toBe('234');
    expect(text(await here.open().readRange('a', 8, 30))).toBe('89');
    expect(text(await here.open().readRange('a', 10, 5))).toBe('');
  });

  it('creates an entry where there is none, and leaves one that is there', async () => {
    expect(await here.open().create('claim', bytes('mine'))).toBe(true);
    expect(await here.open().create('claim', bytes('yours'))).toBe(false);
    expect(text(here.server.entries.get('bucket/store/claim')?.bytes)).toBe('mine');
  });

  it('knows an entry of its own whose answer was lost', async () => {
    here.server.faults.push(
      times(1, (response, { key }) => {
        here.server.put(key, 'mine');
        hangUp(response);
      }),
    );
    expect(await here.open().create('claim', bytes('mine'))).toBe(true);
  });

  it('lists page by page, in the order of the bytes of keys', async () => {
    here.server.page = 2;
    for (const key of ['b', 'a', 'a/1', 'Z', 'é', '😀', '\uff5e']) here.server.put(`bucket/store/x${key}`, key);
    here.server.put('bucket/other/x', '');
    const storage = here.open();
    const keys: string[] = [];
    for (let after: string | undefined, more = true; more; after = keys.at(-1)) {
      const page = await storage.list('x', after);
      keys.push(...page.entries.map(({ key }) => key));
      more = page.more;
    }
    expect(keys).toEqual(['xZ', 'xa', 'xa/1', 'xb', 'xé', 'x\uff5e', 'x😀']);
  });

  it('removes entries, and what it kept of them', async () => {
    const storage = here.open();
    await storage.write('a', bytes('1'));
    await storage.remove(['a', 'nothing']);
    expect(here.server.entries.size).toBe(0);
    expect(await storage.read('a')).toBeUndefined();
  });
});

describe('the version of an entry', () => {
  const listed = async () => (await here.open().list('')).entries[0]!;

  it('gives the bytes that were listed, and a stretch of them', async () => {
    here.server.put('bucket/store/a.tar', '0123456789');
    const entry = await listed();
    expect(entry).toMatchObject({ key: 'a.tar', size: 10 });
    expect(text(await here.open().readVersion(entry))).toBe('0123456789');
    expect(text(await here.open().readVersion(entry, { offset: 3, length: 4 }))).toBe('3456');
    expect(text(await here.open().readVersion(entry, { length: 0 }))).toBe('');
  });

  it('is refused when the entry has become another, is gone or ends before', async () => {
    here.server.put('bucket/store/a', 'one');
    const entry = await listed();
    await expect(here.open().readVersion(entry, { offset: 1, length: 9 })).rejects.toThrow(EntryGone);
    here.server.put('bucket/store/a', 'two');
    await expect(here.open().readVersion(entry)).rejects.toThrow('s3://bucket/store/a has changed since it was listed');
    here.server.entries.clear();
    await expect(here.open().readVersion(entry)).rejects.toThrow('s3://bucket/store/a no longer exists');
  });

  it('is not taken from a server that gives another than was asked for', async () => {
    here.server.put('bucket/store/a', 'one');
    const entry = await listed();
    here.server.faults.push((response) => say(response, 'two', { etag: '"other"' }));
    await expect(here.open().readVersion(entry)).rejects.toThrow(EntryGone);
  });
});

describe('the local cache', () => {
  it('is asked instead of the server for what is named by its content', async () => {
    const [content, key] = ['rows', named('rows')];
    here.server.put(`bucket/store/${key}`, content);
    for (let again = 0; again < 3; again++) expect(text(await here.open().read(key))).toBe(content);
    expect(text(await here.open().readRange(key, 1, 2))).toBe('ow');
    expect(here.server.given).toEqual({ reads: 1, bytes: 4 });
    expect(here.server.seen).toHaveLength(1);
  });

  it('has what was written, so that nobody reads it back', async () => {
    await here.open().write(named('rows'), bytes('rows'));
    expect(text(await here.open().read(named('rows')))).toBe('rows');
    expect(here.server.given.reads).toBe(0);
  });

  it('asks whether an entry of another name has changed, and reads it again only then', async () => {
    here.server.put('bucket/store/list.json', 'one');
    expect(text(await here.open().read('list.json'))).toBe('one');
    expect(text(await here.open().read('list.json'))).toBe('one');
    expect(here.server.given).toEqual({ reads: 1, bytes: 3 });
    here.server.put('bucket/store/list.json', 'three');
    expect(text(await here.open().read('list.json'))).toBe('three');
    expect(here.server.seen.map(({ status }) => status)).toEqual([200, 304, 200]);
  });

  it('keeps stretches of entries by their version', async () => {
    here.server.put('bucket/store/large', '0123456789');
    for (let again = 0; again < 2; again++) expect(text(await here.open().readRange('large', 2, 5))).toBe('23456');
    expect(here.server.given).toEqual({ reads: 1, bytes: 5 });
  });

  it('notices damage, and reads again', async () => {
    const key = named('rows');
    await here.open().write(key, bytes('rows'));
    for (const file of filesIn(here.cacheFolder))
      writeFileSync(
        file,
        readFileSync(file).map((byte, at, all) => (at === all.length - 1 ? byte ^ 1 : byte)),
      );
    expect(text(await here.open().read(key))).toBe('rows');
    expect(here.server.given.reads).toBe(1);
  });

  it('stays below its limit, and keeps what was used last', async () => {
    const storage = here.open({ FAROUT_S3_CACHE: '10KB' });
    const content = (at: number) => String(at).padEnd(1500, '.');
    for (let at = 0; at < 20; at++) {
      await storage.write(named(content(at)), bytes(content(at)));
      await storage.read(named(content(0)));
      // So that times of use differ, whatever the file system's clock.
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const total = filesIn(here.cacheFolder).reduce((sum, file) => sum + statSync(file).size, 0);
    expect(total).toBeLessThanOrEqual(12_000);
    expect(total).toBeGreaterThan(4000);
    const before = here.server.given.reads;
    await storage.read(named(content(0)));
    await storage.read(named(content(19)));
    expect(here.server.given.reads).toBe(before);
  });

  it('keeps nothing where its limit is 0, and does not harm where it cannot be written', async () => {
    here.server.put('bucket/store/a', 'one');
    await here.open({ FAROUT_S3_CACHE: '0' }).read('a');
    expect(filesIn(here.cacheFolder)).toEqual([]);
    writeFileSync(path.join(here.cacheFolder, 's3'), 'a file in the place of the folder');
    expect(text(await here.open().read('a'))).toBe('one');
  });

  it('is shut to other users, and refuses a limit that is no size', async () => {
    await here.open().write('a', bytes('1'));
    for (const file of filesIn(here.cacheFolder)) expect(statSync(file).mode & 0o077).toBe(0);
    expect((await caught(here.open({ FAROUT_S3_CACHE: 'much' }).read('a')))?.code).toBe('OOD_BAD_PARAMETER');
  });
});
