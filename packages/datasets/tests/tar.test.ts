import { appendFileSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { schemaOf, type ImageFile } from '@farout/core';
import { testDataset } from '@farout/testing';
import { imageFolder, tar } from '../src/index.ts';
import { folderOf } from './folder-of.ts';
import { itWithPython, runPython } from './python.ts';
import { pax, tarOf, tarPart, type TarPart } from './tar-of.ts';

const cacheHome = process.env.XDG_CACHE_HOME;
const cache = folderOf({});
const kept = () => {
  try {
    return readdirSync(join(cache, 'farout/archives'));
  } catch {
    return [];
  }
};
beforeAll(() => void (process.env.XDG_CACHE_HOME = cache));
afterAll(() => {
  if (cacheHome === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = cacheHome;
});

const file = (content: { bytes: string }, name = 'images.tar') => join(folderOf({ [name]: content }), name);
const image = (name: string, content = `content of ${name}`): TarPart => ({ name, content });
const open = (params: Record<string, unknown>) => tar.open(schemaOf(tar).parse(params));
const contents = async (params: Record<string, unknown>) =>
  Object.fromEntries(
    (await open(params)).images.map((each) => {
      const { id, path, offset = 0, length = 0 } = each as ImageFile;
      return [
        id,
        readFileSync(path)
          .subarray(offset, offset + length)
          .toString('latin1'),
      ];
    }),
  );

const parts = [
  { name: './', type: '5' },
  { name: './dtd/images/b/', type: '5' },
  image('./dtd/images/b/2.jpg'),
  image('dtd/images/a/1.png'),
  image('dtd/images/B/3.JPG'),
  image('dtd/labels.txt'),
  image('dtd/images/a/.hidden.jpg'),
  image('dtd/images/a/noname', '\xff\xd8\xff and so on'),
];
const archive = file(tarOf(...parts));
const packed = file({ bytes: gzipSync(Buffer.from(tarOf(...parts).bytes, 'latin1')).toString('latin1') }, 'images.tgz');

const hostile: readonly [string, { bytes: string }][] = [
  ['.. in a name', tarOf(image('a/../../b.jpg'))],
  ['an absolute name', tarOf(image('/etc/b.jpg'))],
  ['a drive', tarOf(image('C:/b.jpg'))],
  ['a backslash', tarOf(image('a\\b.jpg'))],
  ['a line feed in a name', tarOf(image('a\nb.jpg'))],
  ['a name twice', tarOf(image('a.jpg'), image('./a.jpg'))],
  ['a name of pax that leads out', tarOf(pax({ path: '../b.jpg' }), image('a.jpg'))],
  ['a name of GNU that leads out', tarOf({ name: '././@LongLink', type: 'L', content: '../b.jpg\0' }, image('a.jpg'))],
  ['a size behind the end', tarOf({ ...image('a.jpg'), size: '00007777777\0' })],
  ['a size that is none', tarOf({ ...image('a.jpg'), size: 'abcdefghijk\0' })],
  ['a negative size in base 256', tarOf({ ...image('a.jpg'), size: '\xff'.repeat(12) })],
  ['a size of pax behind the end', tarOf(pax({ size: '99999999999' }), image('a.jpg'))],
  ['a size of pax that is none', tarOf(pax({ size: '1e3' }), image('a.jpg'))],
  ['a header of pax that is damaged', tarOf({ name: 'pax', type: 'x', content: '99 path=a.jpg\n' }, image('a.jpg'))],
  ['a header of pax of length 0', tarOf({ name: 'pax', type: 'x', content: '0 path=a.jpg\n' }, image('a.jpg'))],
  ['a header that gives all entries a path', tarOf(pax({ path: 'b.jpg' }, 'g'), image('a.jpg'))],
  ['a sparse file of GNU', tarOf({ ...image('a.jpg'), type: 'S' })],
  ['a sparse file of pax', tarOf(pax({ 'GNU.sparse.major': '1' }), image('a.jpg'))],
  ['a wrong checksum', tarOf(image('b.jpg'), { ...image('a.jpg'), sum: '000123\0 ' })],
  ['a name that is no UTF-8', tarOf(image('caf\xe9.jpg'))],
  ['a long name without end', tarOf({ name: 'x', type: 'L', content: 'a'.repeat(70_000) }, image('a.jpg'))],
  ['a name of 5,000 bytes', tarOf({ name: 'x', type: 'L', content: 'a'.repeat(5_000) }, image('a.jpg'))],
  ['no image', tarOf(image('readme.txt'))],
  ['nothing', { bytes: '' }],
  ['a web page', { bytes: '<!doctype html>'.padEnd(2000) }],
  ['an end within a file', { bytes: tarPart(image('a.jpg', 'x'.repeat(2000))).slice(0, 1000) }],
];

testDataset(tar, [
  {
    title: 'images are called by their paths, in the order of these',
    params: { file: archive },
    ids: ['dtd/images/B/3.JPG', 'dtd/images/a/1.png', 'dtd/images/a/noname', 'dtd/images/b/2.jpg'],
    labels: [undefined, undefined, undefined, undefined],
  },
  {
    title: 'below a folder of the archive the folders may be classes',
    params: { file: archive, under: 'dtd/images/', labels: 'folders', limit: 3 },
    ids: ['B/3.JPG', 'a/1.png', 'a/noname'],
    labels: [0, 1, 1],
  },
  {
    title: 'a list says which folder is which class',
    params: { file: archive, under: './dtd/images', classes: ['a', 'x', 'b', 'B'] },
    ids: ['B/3.JPG', 'a/1.png', 'a/noname', 'b/2.jpg'],
    labels: [3, 0, 0, 2],
  },
  { title: 'no file is refused', params: {}, refused: 'file' },
  {
    title: 'a folder that the archive does not have fails',
    params: { file: archive, under: 'x' },
    fails: 'OOD_DATASET_INVALID',
  },
  {
    title: 'a class folder without an image fails',
    params: { file: file(tarOf({ name: 'a/', type: '5' }, image('b/1.jpg'))), labels: 'folders' },
    fails: 'OOD_DATASET_INVALID',
  },
  {
    title: 'a link that may be a class fails',
    params: { file: file(tarOf({ name: 'a', type: '2', link: 'b' }, image('b/1.jpg'))), labels: 'folders' },
    fails: 'OOD_DATASET_INVALID',
  },
  ...hostile.map(([title, content]) => ({
    title: `${title} fails`,
    params: { file: file(content) },
    fails: 'OOD_DATASET_INVALID' as const,
  })),
]);

describe('a tar', () => {
  it('has the bytes of its files where they lie', async () => {
    expect(await contents({ file: archive })).toEqual({
      'dtd/images/B/3.JPG': 'content of dtd/images/B/3.JPG',
      'dtd/images/a/1.png': 'content of dtd/images/a/1.png',
      'dtd/images/a/noname': '\xff\xd8\xff and so on',
      'dtd/images/b/2.jpg': 'content of ./dtd/images/b/2.jpg',
    });
  });

  it('passes over links and devices, and names them', async () => {
    const { notes } = await open({
      file: file(tarOf(image('a.jpg'), { name: 'b.jpg', type: '2', link: '/etc/passwd' }, { name: 'null', type: '3' })),
    });
    expect(notes).toEqual(['skipped 2 entries that are not files: b.jpg, null']);
  });

  it('is unpacked once to the cache where it is packed by gzip', async () => {
    expect(await contents({ file: packed })).toEqual(await contents({ file: archive }));
    const [plain] = kept().filter((name) => name.endsWith('.tar'));
    const before = statSync(join(cache, 'farout/archives', plain!)).mtimeMs;
    await open({ file: packed });
    expect(kept().filter((name) => name.endsWith('.tar'))).toEqual([plain]);
    expect(statSync(join(cache, 'farout/archives', plain!)).mtimeMs).toBe(before);
  });

  it.each([
    ['that breaks off', gzipSync(Buffer.from(tarOf(...parts).bytes, 'latin1')).subarray(0, 200)],
    ['that is a bomb', gzipSync(Buffer.alloc(2 ** 27))],
  ])('leaves nothing in the cache of a gzip %s', async (_, bytes) => {
    const before = kept();
    await expect(open({ file: file({ bytes: bytes.toString('latin1') }) })).rejects.toMatchObject({
      code: 'OOD_DATASET_INVALID',
    });
    expect(kept()).toEqual(before);
  });

  it('takes away what was half unpacked long ago, and leaves what another may be at', async () => {
    const [old, fresh] = ['old.tar.1.part', 'fresh.tar.2.part'].map((name) => join(cache, 'farout/archives', name));
    for (const path of [old!, fresh!]) writeFileSync(path, 'half');
    utimesSync(old!, 1, 1);
    const again = gzipSync(Buffer.from(tarOf(image('again.jpg')).bytes, 'latin1')).toString('latin1');
    await open({ file: file({ bytes: again }) });
    expect(kept().filter((name) => name.endsWith('.part'))).toEqual(['fresh.tar.2.part']);
    rmSync(fresh!);
  });

  it('of many images is read once: its index is kept, and made again where it is damaged', async () => {
    const many = file(
      tarOf(
        ...Array.from({ length: 1500 }, (_, n) => image(`${n % 7}/${n} ä.jpg`.replace('ä', '\xc3\xa4'))),
        { name: 'x/', type: '5' },
        { name: 'link', type: '2' },
      ),
    );
    const first = await open({ file: many });
    const [index] = kept().filter((name) => name.endsWith('.index'));
    const path = join(cache, 'farout/archives', index!);
    const written = readFileSync(path, 'utf8');
    expect(await open({ file: many })).toEqual(first);
    writeFileSync(path, written.replace('jpg', 'jpx'));
    expect(await open({ file: many })).toEqual(first);
    expect(readFileSync(path, 'utf8').split('\n')[0]).toBe(written.split('\n')[0]);
    rmSync(path);
    appendFileSync(many, '\0'.repeat(512));
    expect((await open({ file: many })).images).toHaveLength(1500);
  });

  it('lists what image-folder lists of what it unpacks to', async () => {
    const files = {
      'b/1.jpg': 'x',
      'a b/2.png': 'y',
      'B/deep/er/3.gif': 'z',
      'b/.x/4.jpg': '',
      'top.jpg': 'w',
      'b/n.txt': '',
    };
    const { images, classes } = await open({
      file: file(tarOf(...Object.entries(files).map(([name, content]) => ({ name, content })))),
      labels: 'folders',
    });
    const unpacked = await imageFolder.open(schemaOf(imageFolder).parse({ root: folderOf(files), labels: 'folders' }));
    const plain = (all: typeof images) => all.map(({ id, label }) => ({ id, label }));
    expect(plain(images)).toEqual(plain(unpacked.images));
    expect(classes).toEqual(unpacked.classes);
  });

  const write = `
import io, sys, tarfile
path, form = sys.argv[1], getattr(tarfile, sys.argv[2])
with tarfile.open(path, 'w', format=form) as archive:
    for n in range(40):
        name = 'folder/' + 'd%d/' % n * (n if form != tarfile.USTAR_FORMAT else n % 9) + ('é' if form != tarfile.USTAR_FORMAT else 'e') + '%d.jpg' % n
        entry = tarfile.TarInfo(name)
        content = b'%d-' % n * n
        entry.size, entry.mtime = len(content), 1e9 + n / 7
        archive.addfile(entry, io.BytesIO(content))
        print(name + '\\t' + content.decode())
`;
  for (const format of ['USTAR_FORMAT', 'GNU_FORMAT', 'PAX_FORMAT'])
    itWithPython('tarfile')(`is read as Python has written it: ${format}`, async () => {
      const path = join(folderOf({}), 'images.tar');
      const lines = runPython(write, path, format).trimEnd().split('\n');
      const expected = Object.fromEntries(lines.map((line) => line.split('\t') as [string, string]));
      expect(await contents({ file: path })).toEqual(expected);
    });
});
