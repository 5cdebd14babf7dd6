import { describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { testDataset } from '@farout/testing';
import { imageFolder } from '../src/image-folder.ts';
import { folderOf } from './folder-of.ts';

const open = async (params: Record<string, unknown>) => {
  const { images } = await imageFolder.open(imageFolder.params.parse(params));
  return images;
};
describe('image-folder', () => {
  it('gives each image its absolute path and no label', async () => {
    const root = folderOf({ 'deep/er/one.png': '' });
    expect(await open({ root })).toEqual([{ id: 'deep/er/one.png', path: join(root, 'deep/er/one.png') }]);
  });

  it('follows a link to a file below the root, but none to a folder, out of the root or nowhere', async () => {
    const outside = folderOf({ 'secret.jpg': '' });
    const root = folderOf({
      'real/a.jpg': '',
      'a-link.jpg': { to: 'real/a.jpg' },
      circle: { to: '.' },
      out: { to: outside },
      'out.jpg': { to: join(outside, 'secret.jpg') },
      'nowhere.jpg': { to: 'no-such-file.jpg' },
    });
    expect((await open({ root })).map(({ id }) => id)).toEqual(['a-link.jpg', 'real/a.jpg']);
  });

  it('accepts a root that is itself a link', async () => {
    const root = folderOf({ 'real/a.jpg': '', root: { to: 'real' } });
    expect((await open({ root: join(root, 'root') })).map(({ id }) => id)).toEqual(['a.jpg']);
  });

  it('refuses a folder without images', async () => {
    const root = folderOf({ 'list.txt': '' });
    await expect(open({ root })).rejects.toMatchObject({
      code: 'OOD_DATASET_INVALID',
      message: `the folder ${root} holds no image`,
    });
  });

  it('says that links were not followed when there is nothing else', async () => {
    const root = folderOf({ 'x.jpg': { to: folderOf({}) } });
    await expect(open({ root })).rejects.toMatchObject({ fix: expect.stringContaining('x.jpg') as unknown });
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
