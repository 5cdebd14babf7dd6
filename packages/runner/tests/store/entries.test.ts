import { readFile, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { z } from '@farout/core';
import { Entries } from '../../src/store/entries.ts';
import { FileStore } from '../../src/store/store.ts';
import { temporaryFolder } from '../fixtures/tiny.ts';

const schema = z.object({ width: z.number() });

let folder: string;
let warnings: string[];
let entries: Entries;

beforeEach(async () => {
  folder = await temporaryFolder();
  warnings = [];
  entries = new Entries({ store: new FileStore(folder), logger: { warn: (text) => void warnings.push(text) } });
});

const change = async (key: string, from: string, to: string) => {
  const file = path.join(folder, key);
  await writeFile(file, (await readFile(file, 'utf8')).replace(from, to));
};

describe('Entries', () => {
  it('give back what was written, and nothing, without a word, where nothing was', async () => {
    await entries.writeJson('a.json', { width: 7 });
    const hash = await entries.writeBytes('a.npy', Buffer.from('numbers'));
    expect(await entries.readJson('a.json', schema)).toEqual({ width: 7 });
    expect(Buffer.from((await entries.readBytes('a.npy', hash))!).toString()).toBe('numbers');
    expect(await entries.readJson('b.json', schema)).toBeUndefined();
    expect(await entries.readBytes('b.npy', hash)).toBeUndefined();
    expect(warnings).toEqual([]);
  });

  it.each([
    ['one digit is another', (key: string) => change(key, '"width":7', '"width":8')],
    ['its hash is another', (key: string) => change(key, '"sha256":"', '"sha256":"0')],
    ['it is cut', (key: string) => truncate(path.join(folder, key), 20)],
    ['it is empty', (key: string) => truncate(path.join(folder, key), 0)],
    ['it is null', (key: string) => writeFile(path.join(folder, key), 'null')],
  ])('names JSON that is damaged: %s', async (_, damage) => {
    await entries.writeJson('a.json', { width: 7 });
    await damage('a.json');
    expect(await entries.readJson('a.json', schema)).toBeUndefined();
    expect(warnings).toEqual(["The store's entry a.json is damaged; its content is computed again."]);
  });

  it('names JSON that is of another form', async () => {
    await entries.writeJson('a.json', { height: 7 });
    expect(await entries.readJson('a.json', schema)).toBeUndefined();
    expect(warnings).toHaveLength(1);
  });

  it('names bytes that are damaged', async () => {
    const hash = await entries.writeBytes('a.npy', Buffer.from('numbers'));
    await truncate(path.join(folder, 'a.npy'), 3);
    expect(await entries.readBytes('a.npy', hash)).toBeUndefined();
    expect(warnings).toEqual([expect.stringContaining('a.npy')]);
  });
});
