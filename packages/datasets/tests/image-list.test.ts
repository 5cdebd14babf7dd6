import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { imageList } from '../src/image-list.ts';
import { folderOf } from './folder-of.ts';

const open = async (params: Record<string, unknown>) => {
  const { images } = await imageList.open(imageList.params.parse(params));
  return images;
};
/** A folder with a list and images, opened with the list's own folder as the root. */
const openList = (text: string, files: Parameters<typeof folderOf>[0] = {}) =>
  open({ list: join(folderOf({ 'list.txt': text, ...files }), 'list.txt') });
const labelsOf = (images: Awaited<ReturnType<typeof open>>) => images.map(({ id, label }) => [id, label]);

const data = process.env.OODKIT_DATA ?? fileURLToPath(new URL('../../../../shared/data', import.meta.url));
const photographs = resolve(data, 'images/imagenet-val');
const hasData = (() => {
  try {
    return readFileSync(join(photographs, 'list.txt')).length > 0;
  } catch {
    return false;
  }
})();
const itWithData = hasData ? it : it.skip;

describe('image-list', () => {
  it('lists images in the order of the lines, the last field as label', async () => {
    expect(labelsOf(await openList('b.jpg 7\na.jpg 0\n', { 'a.jpg': '', 'b.jpg': '' }))).toEqual([
      ['b.jpg', 7],
      ['a.jpg', 0],
    ]);
  });

  it('has no label where there is none or -1', async () => {
    expect(labelsOf(await openList('a.jpg\nb.jpg -1', { 'a.jpg': '', 'b.jpg': '' }))).toEqual([
      ['a.jpg', undefined],
      ['b.jpg', undefined],
    ]);
  });

  it('takes blanks within a path as they are, and a lone number as a path', async () => {
    const files = { 'my photo 1.jpg': '', 'IMG 12 b.jpg': '', '2012': '' };
    expect(labelsOf(await openList('my photo 1.jpg 3\nIMG 12 b.jpg\n2012\n', files))).toEqual([
      ['my photo 1.jpg', 3],
      ['IMG 12 b.jpg', undefined],
      ['2012', undefined],
    ]);
  });

  it('reads Windows line ends, a byte order mark, tabs and empty lines', async () => {
    expect(labelsOf(await openList('\uFEFFa.jpg\t1\r\n\r\nb.jpg\t2\r\n', { 'a.jpg': '', 'b.jpg': '' }))).toEqual([
      ['a.jpg', 1],
      ['b.jpg', 2],
    ]);
  });

  it('takes paths relative to root and calls images by them', async () => {
    const root = folderOf({ 'deep/a.jpg': '' });
    const list = join(folderOf({ 'list.txt': './deep//a.jpg 1' }), 'list.txt');
    expect(await open({ list, root })).toEqual([{ id: 'deep/a.jpg', path: join(root, 'deep/a.jpg'), label: 1 }]);
  });

  it('looks only at the lines within the limit', async () => {
    const list = join(folderOf({ 'list.txt': '\na.jpg\nb.jpg\nabsent.jpg', 'a.jpg': '', 'b.jpg': '' }), 'list.txt');
    expect((await open({ list, limit: 2 })).map(({ id }) => id)).toEqual(['a.jpg', 'b.jpg']);
  });

  it('accepts a listed link to a file below the root', async () => {
    expect(await openList('link.jpg', { 'a.jpg': '', 'link.jpg': { to: 'a.jpg' } })).toHaveLength(1);
  });

  const outside = folderOf({ 'secret.jpg': '' });
  const files = {
    'a.jpg': '',
    'deep/b.jpg': '',
    'out.jpg': { to: join(outside, 'secret.jpg') },
    out: { to: outside },
  };
  it.each([
    ['a file that does not exist', 'absent.jpg'],
    ['a folder', 'deep'],
    ['a file twice', 'deep/../a.jpg'],
    ['a path that leads out of the root', '../secret.jpg'],
    ['an absolute path elsewhere', join(outside, 'secret.jpg')],
    ['a link out of the root', 'out.jpg'],
    ['a folder that is a link out of the root', 'out/secret.jpg'],
    ['a path with a zero byte', 'a\0.jpg'],
    ['a label below -1', 'deep/b.jpg -2'],
    ['a label beyond 32 bits', 'deep/b.jpg 2147483648'],
  ])('refuses %s at its line', async (_title, line) => {
    await expect(openList(`a.jpg 1\n${line}\n`, files)).rejects.toMatchObject({
      code: 'OOD_DATASET_INVALID',
      place: { line: 2, column: 1 },
      fix: expect.any(String) as unknown,
    });
  });

  it('refuses an empty list and one that cannot be read', async () => {
    await expect(openList('\n \n')).rejects.toMatchObject({ code: 'OOD_DATASET_INVALID' });
    await expect(open({ list: folderOf({}) })).rejects.toMatchObject({ code: 'OOD_DATASET_INVALID' });
  });

  itWithData('reads the list of the ImageNet photographs', async () => {
    const images = await open({ list: join(photographs, 'list.txt') });
    expect(images).toHaveLength(1300);
    expect(images[0]).toEqual({
      id: 'ILSVRC2012_val_00000347.JPEG',
      path: join(photographs, 'ILSVRC2012_val_00000347.JPEG'),
      label: 472,
    });
  });
});
