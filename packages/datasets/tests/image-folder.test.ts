import { describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { imageFolder } from '../src/image-folder.ts';
import { folderOf } from './folder-of.ts';

const open = async (params: Record<string, unknown>) => {
  const { images } = await imageFolder.open(imageFolder.params.parse(params));
  return images;
};
const idsIn = async (files: Parameters<typeof folderOf>[0]) =>
  (await open({ root: folderOf(files) })).map(({ id }) => id);

describe('image-folder', () => {
  it('orders images by the bytes of their path in UTF-8, folders and all', async () => {
    const names = ['b.jpg', 'a/z.jpg', 'a b/z.jpg', 'a.jpg', 'B.jpg', 'é.jpg', '\u{1F600}.jpg', '\uFF21.jpg'];
    // "a b/" before "a.jpg" before "a/": 0x20 < 0x2E < 0x2F; U+FF21 before U+1F600, although UTF-16 has it the other way.
    expect(await idsIn(Object.fromEntries(names.map((name) => [name, ''])))).toEqual([
      'B.jpg',
      'a b/z.jpg',
      'a.jpg',
      'a/z.jpg',
      'b.jpg',
      'é.jpg',
      '\uFF21.jpg',
      '\u{1F600}.jpg',
    ]);
  });

  it('gives each image its absolute path and no label', async () => {
    const root = folderOf({ 'deep/er/one.png': '' });
    expect(await open({ root })).toEqual([{ id: 'deep/er/one.png', path: join(root, 'deep/er/one.png') }]);
  });

  it('takes images of every extension, in any case, also of kinds that are not read', async () => {
    expect(await idsIn({ '1.JPEG': '', '2.Png': '', '3.gif': '', '4.webp': '', '5.tiff': '' })).toHaveLength(5);
  });

  it('passes over hidden files and folders and what is no image by its extension', async () => {
    expect(await idsIn({ '.a.jpg': '', '.git/b.jpg': '', 'list.txt': '', jpg: '', 'c.jpg': '' })).toEqual(['c.jpg']);
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

  it('numbers the folders below the root as labels, in byte order, the limit notwithstanding', async () => {
    const root = folderOf({
      'a b/1.jpg': '',
      'a/1.jpg': '',
      'a/deep/2.jpg': '',
      'B/1.jpg': '',
      'c/1.jpg': '',
      'top.jpg': '',
    });
    // Folders by name: B, a, "a b", c; images by path: "a b/1.jpg" before "a/1.jpg".
    expect((await open({ root, labels: 'folders' })).map(({ id, label }) => [id, label])).toEqual([
      ['B/1.jpg', 0],
      ['a b/1.jpg', 2],
      ['a/1.jpg', 1],
      ['a/deep/2.jpg', 1],
      ['c/1.jpg', 3],
      ['top.jpg', undefined],
    ]);
    expect((await open({ root, labels: 'folders', limit: 2 })).map(({ label }) => label)).toEqual([0, 2]);
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

  it('refuses a folder that cannot be read', async () => {
    await expect(open({ root: join(folderOf({}), 'absent') })).rejects.toMatchObject({ code: 'OOD_DATASET_INVALID' });
  });
});
