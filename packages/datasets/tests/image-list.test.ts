import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { testDataset } from '@farout/testing';
import { imageList } from '../src/image-list.ts';
import { folderOf } from './folder-of.ts';

const open = async (params: Record<string, unknown>) => {
  const { images } = await imageList.open(imageList.params.parse(params));
  return images;
};
/** A folder with a list and images, opened with the list's own folder as the root. */
const openList = (text: string, files: Parameters<typeof folderOf>[0] = {}) =>
  open({ list: join(folderOf({ 'list.txt': text, ...files }), 'list.txt') });
const data = process.env.FAROUT_DATA ?? fileURLToPath(new URL('../../../../shared/data', import.meta.url));
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
  it('takes paths relative to root and calls images by them', async () => {
    const root = folderOf({ 'deep/a.jpg': '' });
    const list = join(folderOf({ 'list.txt': './deep//a.jpg 1' }), 'list.txt');
    expect(await open({ list, root })).toEqual([{ id: 'deep/a.jpg', path: join(root, 'deep/a.jpg'), label: 1 }]);
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

/** The path of a list with this text beside these files. */
const listOf = (text: string, ...names: readonly string[]) =>
  join(folderOf({ 'list.txt': text, ...Object.fromEntries(names.map((name) => [name, ''])) }), 'list.txt');

testDataset(imageList, [
  {
    title: 'images are listed in the order of the lines, the last field as label',
    params: { list: listOf('b.jpg 7\na.jpg 0\n', 'a.jpg', 'b.jpg') },
    ids: ['b.jpg', 'a.jpg'],
    labels: [7, 0],
  },
  {
    title: 'there is no label where none is given, or -1',
    params: { list: listOf('a.jpg\nb.jpg -1', 'a.jpg', 'b.jpg') },
    ids: ['a.jpg', 'b.jpg'],
    labels: [undefined, undefined],
  },
  {
    title: 'blanks within a path belong to it, and a lone number is a path',
    params: { list: listOf('my photo 1.jpg 3\nIMG 12 b.jpg\n2012\n', 'my photo 1.jpg', 'IMG 12 b.jpg', '2012') },
    ids: ['my photo 1.jpg', 'IMG 12 b.jpg', '2012'],
    labels: [3, undefined, undefined],
  },
  {
    title: 'Windows line ends, a byte order mark, tabs and empty lines are read',
    params: { list: listOf('\uFEFFa.jpg\t1\r\n\r\nb.jpg\t2\r\n', 'a.jpg', 'b.jpg') },
    ids: ['a.jpg', 'b.jpg'],
    labels: [1, 2],
  },
  {
    title: 'lines beyond the limit are not looked at',
    params: { list: listOf('\na.jpg\nb.jpg\nabsent.jpg', 'a.jpg', 'b.jpg'), limit: 2 },
    ids: ['a.jpg', 'b.jpg'],
  },
  {
    title: 'a link to a file below the root is listed',
    params: { list: join(folderOf({ 'l.txt': 'link.jpg', 'a.jpg': '', 'link.jpg': { to: 'a.jpg' } }), 'l.txt') },
    ids: ['link.jpg'],
  },
  { title: 'an empty list fails', params: { list: listOf('\n \n') }, fails: 'OOD_DATASET_INVALID' },
  { title: 'a list that is a folder fails', params: { list: folderOf({}) }, fails: 'OOD_DATASET_INVALID' },
  { title: 'no list is refused', params: {}, refused: 'list' },
  { title: 'a limit of half an image is refused', params: { list: listOf('a.jpg'), limit: 0.5 }, refused: 'limit' },
]);
