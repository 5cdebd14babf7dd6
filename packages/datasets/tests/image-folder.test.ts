import { describe, expect, it } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { schemaOf } from '@farout/core';
import { testDataset } from '@farout/testing';
import { imageFolder } from '../src/image-folder.ts';
import { folderOf } from './folder-of.ts';

const opened = (params: Record<string, unknown>) => imageFolder.open(schemaOf(imageFolder).parse(params));
const open = async (params: Record<string, unknown>) => (await opened(params)).images;

describe('image-folder', () => {
  it('gives each image its absolute path and no label', async () => {
    const root = folderOf({ 'deep/er/one.png': '' });
    expect(await open({ root })).toEqual([{ id: 'deep/er/one.png', path: join(root, 'deep/er/one.png') }]);
  });

  it('follows links to files and to folders, within the root and out of it', async () => {
    const outside = folderOf({ 'elsewhere.jpg': '', 'deep/b.jpg': '' });
    const root = folderOf({
      'real/a.jpg': '',
      'a-link.jpg': { to: 'real/a.jpg' },
      again: { to: 'real' },
      out: { to: outside },
      'out.jpg': { to: join(outside, 'elsewhere.jpg') },
    });
    const ids = ['a-link.jpg', 'again/a.jpg', 'out.jpg', 'out/deep/b.jpg', 'out/elsewhere.jpg', 'real/a.jpg'];
    expect((await open({ root })).map(({ id }) => id)).toEqual(ids);
  });

  it('names links that lead nowhere or in circles, and files that Git has left of links', async () => {
    const root = folderOf({
      'real/a.jpg': '',
      'real/up': { to: '..' },
      self: { to: '.' },
      'nowhere.jpg': { to: 'no-such-file.jpg' },
      'real/flat': '../real/a.jpg',
    });
    const { images, notes } = await opened({ root });
    expect(images.map(({ id }) => id)).toEqual(['real/a.jpg']);
    expect(notes).toEqual([
      'skipped 1 link with a missing target: nowhere.jpg',
      'skipped 2 links pointing back to a folder above: real/up, self',
      'skipped 1 file containing a path, which Git writes where it cannot create a link: real/flat',
    ]);
  });

  it('ends where links to folders of links multiply without bounds', async () => {
    const levels = Array.from({ length: 20 }, (_, level) =>
      ['a', 'b'].map((name) => [`${level}/${name}`, level + 1] as const),
    );
    const root = folderOf({
      ...Object.fromEntries(levels.flat().map(([name, next]) => [name, { to: `../${next}` }])),
      '20/x.jpg': '',
    });
    await expect(open({ root: join(root, '0') })).rejects.toMatchObject({
      code: 'OOD_DATASET_INVALID',
      message: expect.stringContaining('more than 30000 links to folders') as unknown,
    });
  });

  it('accepts a root that is itself a link', async () => {
    const root = folderOf({ 'real/a.jpg': '', root: { to: 'real' } });
    expect((await open({ root: join(root, 'root') })).map(({ id }) => id)).toEqual(['a.jpg']);
  });

  it('refuses a folder without images', async () => {
    const root = folderOf({ 'list.txt': '' });
    await expect(open({ root })).rejects.toMatchObject({
      code: 'OOD_DATASET_INVALID',
      message: `the folder ${root} contains no images`,
    });
  });

  it('says what there is instead of images', async () => {
    const root = folderOf({ 'x.jpg': { to: 'nowhere' }, 'list.txt': '', 'notes.txt': '' });
    await expect(open({ root })).rejects.toMatchObject({
      fix: expect.stringMatching(/2 files that are no image: list.txt, notes.txt.*1 link .*: x.jpg/) as unknown,
    });
  });

  it('judges files by their content where the name says nothing', async () => {
    const jpeg = Buffer.from('ffd8ffe000104a464946', 'hex').toString('latin1');
    const root = folderOf({
      photograph: { bytes: jpeg },
      'x.JPG_large': { bytes: jpeg },
      'y.jfif': '',
      'z.image': { bytes: '\x89PNG\r\n\x1a\n' },
      'v1.2': { bytes: 'BMW drivers wrote this' },
      'list.txt': { bytes: jpeg },
      README: 'P5 is what they call it',
    });
    expect((await open({ root })).map(({ id }) => id)).toEqual(['photograph', 'x.JPG_large', 'y.jfif', 'z.image']);
  });

  it('names what is no UTF-8 on the disk, and how it becomes so', async () => {
    const root = folderOf({ 'a.jpg': '', 'sub/b.jpg': '' });
    const latin1 = (name: string) => Buffer.concat([Buffer.from(`${root}/`), Buffer.from(name, 'latin1')]);
    writeFileSync(latin1('K\xe4se.jpg'), '');
    writeFileSync(latin1('sub/\xfcber.png'), '');
    writeFileSync(latin1('L\xefes mich.txt'), '');
    await expect(open({ root })).rejects.toMatchObject({
      code: 'OOD_DATASET_INVALID',
      message: `2 names in ${root} are not UTF-8: K\\xe4se.jpg, sub/\\xfcber.png`,
      fix: `Rename them; if Latin-1: convmv -f latin1 -t utf8 -r --notest ${root}`,
    });
  });
});

const png = '\x89PNG\r\n\x1a\n';

describe('image-folder with labels: folders', () => {
  const labelsOf = async (files: Parameters<typeof folderOf>[0], more = {}) => {
    const images = await open({ root: folderOf(files), labels: 'folders', ...more });
    return Object.fromEntries(images.map(({ id, label }) => [id, label]));
  };

  it('counts a folder that is a link as a class, as torchvision does', async () => {
    const elsewhere = folderOf({ 'cat/1.png': png });
    const files = { 'ant/1.png': png, cat: { to: join(elsewhere, 'cat') }, 'dog/1.png': png };
    expect(await labelsOf(files)).toEqual({ 'ant/1.png': 0, 'cat/1.png': 1, 'dog/1.png': 2 });
  });

  it.each([
    ['an empty folder', { 'cat/.gitkeep': '' }, /1 class folder of .* has no images: cat$/],
    [
      'folders of other files',
      { 'cat/x.npy': '', 'cow/y.txt': '' },
      /2 class folders .*: cat \(only files of \.npy\), cow \(only/,
    ],
    ['a folder beyond the limit', { 'fox/.gitkeep': '' }, /has no images: fox$/],
    ['a link that leads nowhere', { cat: { to: '../unmounted/cat' } }, /1 link directly in .*: cat$/],
    ['a link that leads to the root', { cat: { to: '.' } }, /1 link directly in .*: cat$/],
    ['what Git leaves of a link to a folder', { cat: '../', 'a.txt': '' }, /1 link directly in .*: cat$/],
  ])('refuses %s, which would shift the numbers of the others', async (_, files, message) => {
    const all = { 'ant/1.png': png, 'dog/1.png': png, ...files };
    await expect(labelsOf(all, { limit: 1 })).rejects.toMatchObject({
      code: 'OOD_DATASET_INVALID',
      message: expect.stringMatching(message) as unknown,
      fix: expect.any(String) as unknown,
    });
  });

  it('takes a class whose images are links, or known by their content alone', async () => {
    const files = { 'ant/deep/1': { bytes: png }, 'cat/1.png': { to: '../dog/1.png' }, 'dog/1.png': png };
    expect(await labelsOf(files)).toEqual({ 'ant/deep/1': 0, 'cat/1.png': 1, 'dog/1.png': 2 });
  });

  it('says which hidden folders count as no class', async () => {
    const root = folderOf({
      'ant/1.png': png,
      '.ipynb_checkpoints/1.png': png,
      'dog/.hidden/1.png': png,
      'dog/1.png': png,
    });
    const { images, notes } = await opened({ root, labels: 'folders' });
    expect(images.map(({ id, label }) => [id, label])).toEqual([
      ['ant/1.png', 0],
      ['dog/1.png', 1],
    ]);
    expect(notes).toEqual(['skipped 1 hidden folder not counted as classes: .ipynb_checkpoints']);
  });

  it('names no classes where no folder is, as those of ImageNet are that come unpacked', async () => {
    const { images, ...rest } = await opened({ root: folderOf({ '1.png': png }), labels: 'folders' });
    expect(images).toEqual([{ id: '1.png', path: expect.stringMatching(/1\.png$/) as unknown as string }]);
    expect(rest).toEqual({ notes: [] });
  });
});

const classes = folderOf({
  'a b/1.jpg': '',
  'a/1.jpg': '',
  'a/deep/2.jpg': '',
  'B/1.jpg': '',
  'c/1.jpg': '',
  'top.jpg': '',
});
const inByteOrder = ['B/1.jpg', 'a b/1.jpg', 'a/1.jpg', 'a/deep/2.jpg', 'c/1.jpg', 'top.jpg'];
const filesOf = (names: readonly string[]) => folderOf(Object.fromEntries(names.map((name) => [name, ''])));

testDataset(imageFolder, [
  {
    title: 'there are no labels unless they are asked for',
    params: { root: classes },
    ids: inByteOrder,
    labels: inByteOrder.map(() => undefined),
  },
  {
    title: 'the folders below the root are the classes, by their names in byte order: B, a, "a b", c',
    params: { root: classes, labels: 'folders' },
    ids: inByteOrder,
    labels: [0, 2, 1, 1, 3, undefined],
  },
  {
    title: 'a class keeps its number whatever the limit leaves out',
    params: { root: classes, labels: 'folders', limit: 2 },
    ids: ['B/1.jpg', 'a b/1.jpg'],
    labels: [0, 2],
  },
  {
    // "a b/" before "a.jpg" before "a/": 0x20 < 0x2E < 0x2F; U+FF21 before U+1F600, although UTF-16 has it the other way.
    title: 'images are ordered by the bytes of their path in UTF-8, folders and all',
    params: {
      root: filesOf(['b.jpg', 'a/z.jpg', 'a b/z.jpg', 'a.jpg', 'B.jpg', 'é.jpg', '\u{1F600}.jpg', '\uFF21.jpg']),
    },
    ids: ['B.jpg', 'a b/z.jpg', 'a.jpg', 'a/z.jpg', 'b.jpg', 'é.jpg', '\uFF21.jpg', '\u{1F600}.jpg'],
  },
  {
    title: 'images are files of every extension of an image, in any case, also of kinds that are not read',
    params: { root: filesOf(['1.JPEG', '2.Png', '3.gif', '4.webp', '5.tiff']) },
    ids: ['1.JPEG', '2.Png', '3.gif', '4.webp', '5.tiff'],
  },
  {
    title: 'hidden files and folders are passed over, and what is no image by its extension',
    params: { root: filesOf(['.a.jpg', '.git/b.jpg', 'list.txt', 'jpg', 'c.jpg']) },
    ids: ['c.jpg'],
  },
  {
    title: 'a folder that cannot be read fails',
    params: { root: join(folderOf({}), 'absent') },
    fails: 'OOD_DATASET_INVALID',
  },
  { title: 'no root is refused', params: {}, refused: 'root' },
  { title: 'unknown labels are refused', params: { root: classes, labels: 'files' }, refused: 'labels' },
  { title: 'a limit of 0 is refused', params: { root: classes, limit: 0 }, refused: 'limit' },
]);
