import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FaroutError, schemaOf, storageAt, storedAt, type DatasetDefinition, type ImageAddress } from '@farout/core';
import { imageFolder, imageList, tar, webdataset } from '../src/index.ts';
import { serveMemory } from './memory-storage.ts';
import { tarOf } from './tar-of.ts';

const folder = mkdtempSync(join(tmpdir(), 'farout-stored-'));
const before = process.env.FAROUT_CACHE;
let memory = serveMemory();

beforeEach(() => {
  memory = serveMemory();
  process.env.FAROUT_CACHE = mkdtempSync(join(folder, 'cache-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  if (before === undefined) delete process.env.FAROUT_CACHE;
  else process.env.FAROUT_CACHE = before;
});

const put = (files: Readonly<Record<string, string>>, encoding: BufferEncoding = 'utf8') => {
  for (const [key, content] of Object.entries(files))
    memory.entries.set(`mem://set/${key}`, Buffer.from(content, encoding));
};
const open = async (dataset: DatasetDefinition, params: Record<string, unknown>) =>
  dataset.open(schemaOf(dataset).parse(params));
const imagesOf = async (dataset: DatasetDefinition, params: Record<string, unknown>) =>
  (await open(dataset, params)).images as readonly ImageAddress[];
const idsOf = async (...given: Parameters<typeof imagesOf>) => (await imagesOf(...given)).map(({ id }) => id);
const requests = (kind: string) => memory.asked.filter((each) => each.startsWith(kind)).length;

/** What a worker reads of an image. */
async function bytesOf({ url, version, offset, length }: ImageAddress): Promise<string> {
  const { storage, key } = await storedAt(url);
  const stretch = { ...(offset !== undefined && { offset }), ...(length !== undefined && { length }) };
  return Buffer.from(await storage.readVersion({ key, version }, stretch)).toString('latin1');
}

describe('image-folder of a storage', () => {
  const root = 'mem://set/a b';

  it('lists keys page by page, in the order of their bytes, without what is hidden or no image', async () => {
    memory.page = 2;
    put({
      'a b/é.png': '1',
      'a b/b/2.jpg': '2',
      'a b/b/': '',
      'a b/.x/3.png': '3',
      'a b/b/.4.png': '4',
      'a b/notes.txt': '5',
      'other/6.png': '6',
      'a b/Z#?%.png': '7',
    });
    const images = await imagesOf(imageFolder, { root });
    expect(images.map(({ id }) => id)).toEqual(['Z#?%.png', 'b/2.jpg', 'é.png']);
    expect(await Promise.all(images.map(bytesOf))).toEqual(['7', '2', '1']);
    expect(requests('version')).toBe(3);
  });

  it('tells an image by how it begins where its name says nothing', async () => {
    put({ 'a b/1': '\xff\xd8\xff image', 'a b/2': 'text', 'a b/3': '' }, 'latin1');
    expect(await idsOf(imageFolder, { root })).toEqual(['1']);
  });

  it('counts folders as classes, those without an image among them', async () => {
    put({ 'a b/dog/1.png': '1', 'a b/cat/2.png': '2' });
    const { images, classes } = await open(imageFolder, { root, labels: 'folders' });
    expect(images.map(({ id, label }) => [id, label])).toEqual([
      ['cat/2.png', 0],
      ['dog/1.png', 1],
    ]);
    expect(classes).toEqual(['cat', 'dog']);
    put({ 'a b/ant/': '' });
    await expect(open(imageFolder, { root, labels: 'folders' })).rejects.toThrow(
      '1 class folder of mem://set/a b has no images: ant',
    );
  });

  it('asks for no more pages than a limit needs', async () => {
    memory.page = 2;
    put(Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`a b/${i}.png`, String(i)])));
    expect(await idsOf(imageFolder, { root, limit: 3 })).toEqual(['0.png', '1.png', '2.png']);
    expect(requests('list')).toBe(2);
  });

  it('has another version where the bytes are others', async () => {
    put({ 'a b/1.png': 'one' });
    const [first] = await imagesOf(imageFolder, { root });
    put({ 'a b/1.png': 'two' });
    const [second] = await imagesOf(imageFolder, { root });
    expect(second!.version).not.toBe(first!.version);
    await expect(bytesOf(first!)).rejects.toThrow('is gone');
  });

  it('is refused where there is no image, and surveyed as a folder is', async () => {
    put({ 'a b/notes.txt': '1', 'a b/odd.xyz': '2' });
    await expect(open(imageFolder, { root })).rejects.toThrow('the folder mem://set/a b contains no images');
    const survey = await imageFolder.survey!(schemaOf(imageFolder).parse({ root }));
    expect(survey.faults.map(({ what }) => what)).toEqual([
      'a file of an unknown kind, not an image by content (.xyz)',
    ]);
  });
});

describe('image-list of a storage', () => {
  const listOf = (...lines: readonly string[]) => {
    const list = join(folder, 'list.txt');
    writeFileSync(list, lines.join('\n'));
    return { list, root: 'mem://set/r' };
  };

  it('gives the lines in their order, with their classes', async () => {
    put({ 'r/b.png': '1', 'r/a/ü.png': '2', 'r/c.png': '3' });
    const images = await imagesOf(imageList, listOf('c.png 4', 'a/ü.png'));
    expect(images.map(({ id, label }) => [id, label])).toEqual([
      ['c.png', 4],
      ['a/ü.png', undefined],
    ]);
    expect(await Promise.all(images.map(bytesOf))).toEqual(['3', '2']);
  });

  it('asks for the pages alone that have its lines', async () => {
    memory.page = 10;
    const names = Array.from({ length: 200 }, (_, i) => `${String(i).padStart(3, '0')}.png`);
    put(Object.fromEntries(names.map((name) => [`r/${name}`, name])));
    expect(await idsOf(imageList, listOf('005.png', '006.png', '199.png', '100.png'))).toEqual([
      '005.png',
      '006.png',
      '199.png',
      '100.png',
    ]);
    expect(requests('list')).toBe(3);
    memory.asked.length = 0;
    expect(await idsOf(imageList, listOf(...names))).toEqual(names);
    expect(requests('list')).toBe(20);
  });

  it('names a line that is not there, and one that is an address', async () => {
    put({ 'r/a.png': '1' });
    await expect(open(imageList, listOf('a.png', 'b.png'))).rejects.toThrow('"b.png" is not an entry in mem://set/r');
    const survey = await imageList.survey!(schemaOf(imageList).parse(listOf('a.png', 'x/b.png')));
    expect(survey.images).toHaveLength(1);
    expect(survey.faults[0]).toMatchObject({ kind: 'missing', where: 'mem://set/r/x' });
    writeFileSync(join(folder, 'own.txt'), 'mem://set/r/a.png');
    await expect(open(imageList, { list: join(folder, 'own.txt') })).rejects.toThrow('into "root", not into a line');
  });
});

describe('a tar in a storage', () => {
  const bytes = tarOf(
    { name: 'cat/', type: '5' },
    { name: 'cat/1.png', content: 'first' },
    { name: 'dog/2.png', content: 'second image' },
    { name: 'notes.txt', content: 'no image' },
  ).bytes;
  const file = 'mem://set/t/some%20set.tar';
  beforeEach(() => put({ 't/some set.tar': bytes }, 'latin1'));
  const index = () => memory.entries.get('mem://set/t/some set.tar.index');

  it('is read by stretches, by an index that the first who opens it writes beside it', async () => {
    const images = await imagesOf(tar, { file, labels: 'folders' });
    expect(images.map(({ id, label }) => [id, label])).toEqual([
      ['cat/1.png', 0],
      ['dog/2.png', 1],
    ]);
    expect(await Promise.all(images.map(bytesOf))).toEqual(['first', 'second image']);
    memory.asked.length = 0;
    expect(await imagesOf(tar, { file, labels: 'folders' })).toEqual(images);
    expect(requests('version')).toBe(0);
  });

  it('is indexed again where its bytes are others, or the index is damaged', async () => {
    await open(tar, { file });
    const former = index()!;
    put({ 't/some set.tar': tarOf({ name: 'new.png', content: 'new' }).bytes }, 'latin1');
    expect(await idsOf(tar, { file })).toEqual(['new.png']);
    expect(index()).not.toEqual(former);
    const text = Buffer.from(index()!).toString().replace('new.png', 'odd.png');
    memory.entries.set('mem://set/t/some set.tar.index', Buffer.from(text));
    expect(await idsOf(tar, { file })).toEqual(['new.png']);
  });

  it('trusts no index that leads out of it', async () => {
    await open(tar, { file });
    const [head] = Buffer.from(index()!).toString().split('\n');
    for (const line of ['512 99999999 cat/1.png', '512 5 ../x.png', '-1 5 x.png', '0.5 5 x.png']) {
      const sum = createHash('sha256').update(`${line}\n`).digest('hex');
      memory.entries.set(
        'mem://set/t/some set.tar.index',
        Buffer.from(`${head}\nfarout archive index 1 ${sum}\n${line}\n`),
      );
      expect(await idsOf(tar, { file })).toEqual(['cat/1.png', 'dog/2.png']);
    }
  });

  it('is read by who may not write, too; any other failure is not passed over', async () => {
    memory.refusal = new FaroutError('OOD_STORAGE_REFUSED', 'not here');
    expect(await idsOf(tar, { file })).toHaveLength(2);
    memory.refusal = new FaroutError('OOD_STORAGE_FAILED', 'out of reach');
    await expect(open(tar, { file })).rejects.toThrow('out of reach');
  });

  it('is refused when it is packed, is none or is not there', async () => {
    put({ 't/some set.tar': '\x1f\x8b packed' }, 'latin1');
    await expect(open(tar, { file })).rejects.toThrow('it is compressed with gzip');
    put({ 't/some set.tar': 'no tar at all'.padEnd(600, '.') });
    await expect(open(tar, { file })).rejects.toThrow('it is not a tar file');
    await expect(open(tar, { file: 'mem://set/t/none.tar' })).rejects.toThrow('there is no mem://set/t/none.tar');
  });
});

describe('webdataset of a storage', () => {
  it('reads the shards right below an address, with their labels', async () => {
    const shard = (name: string) =>
      tarOf({ name: `${name}.png`, content: name }, { name: `${name}.cls`, content: '7' }).bytes;
    put(
      {
        's/val-1.tar': shard('b'),
        's/val-0.tar': shard('a'),
        's/train-0.tar': shard('c'),
        's/sub/val-2.tar': shard('d'),
      },
      'latin1',
    );
    const images = await imagesOf(webdataset, { folder: 'mem://set/s', prefix: 'val-', label: 'cls' });
    expect(images.map(({ id, label }) => [id, label])).toEqual([
      ['val-0.tar/a.png', 7],
      ['val-1.tar/b.png', 7],
    ]);
    expect(await Promise.all(images.map(bytesOf))).toEqual(['a', 'b']);
    await expect(open(webdataset, { folder: 'mem://set/none' })).rejects.toThrow('mem://set/none has no shard');
  });
});

describe('an address that nobody serves', () => {
  it('is refused with the schemes that are served', async () => {
    await expect(storageAt('never://set')).rejects.toMatchObject({ code: 'OOD_UNKNOWN_SCHEME' });
    await expect(open(imageFolder, { root: 'never://set' })).rejects.toThrow('never://');
  });
});
