import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { schemaOf } from '@farout/core';
import { testDataset } from '@farout/testing';
import { imageList } from '../src/image-list.ts';
import { folderOf } from './folder-of.ts';

const open = async (params: Record<string, unknown>) => {
  const { images } = await imageList.open(schemaOf(imageList).parse(params));
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
    ['a label below -1', 'deep/b.jpg -2'],
    ['a label beyond 32 bits', 'deep/b.jpg 2147483648'],
  ])('refuses %s at its line', async (_title, line) => {
    await expect(openList(`a.jpg 1\n${line}\n`, files)).rejects.toMatchObject({
      code: 'OOD_DATASET_INVALID',
      place: { line: 2, column: 1 },
      fix: expect.any(String) as unknown,
    });
  });

  it.each(['secret.jpg', 'secret.jpg 1'])(
    'names a root that fits for a line that leads out of it: %s',
    async (line) => {
      const folder = folderOf({ 'secret.jpg': '', 'lists/list.txt': `../${line}` });
      await expect(open({ list: join(folder, 'lists/list.txt') })).rejects.toMatchObject({
        fix: `Set "root" to a folder that contains all images, such as "root: ${folder}", and write this as secret.jpg.`,
      });
    },
  );

  it('follows links, wherever they lead', async () => {
    const images = await openList('out.jpg 1\nout/secret.jpg 2\n', files);
    expect(images.map(({ id, label }) => [id, label])).toEqual([
      ['out.jpg', 1],
      ['out/secret.jpg', 2],
    ]);
  });

  it.each([
    ['UTF-16', Buffer.from('\uFEFFa.jpg 0\n', 'utf16le'), /is UTF-16, not UTF-8$/, /UTF-8/],
    ['Latin-1', Buffer.from('a.jpg 0\nK\xe4se.jpg 0\n', 'latin1'), /is not UTF-8: line 2/, /LATIN1/],
    ['an image', Buffer.from('\x89PNG\0\0', 'latin1'), /is not text/, /text file/],
  ])('says of a list in %s what it is, and shows none of it', async (_, bytes, message, fix) => {
    const list = join(folderOf({ 'list.txt': { bytes: bytes.toString('latin1') }, 'a.jpg': '' }), 'list.txt');
    await expect(open({ list })).rejects.toMatchObject({
      message: expect.stringMatching(message) as unknown,
      fix: expect.stringMatching(fix) as unknown,
      place: undefined,
    });
  });

  it.each([
    ['commas', 'deep/b.jpg,0', 'Separate path and class by a space or a tab, not by ,: deep/b.jpg 0'],
    ['semicolons and quotes', '"a.jpg"; 7', 'Separate path and class by a space or a tab, not by ;: a.jpg 7'],
    ['a table with the class first', '3,a.jpg', 'Separate path and class by a space or a tab, not by ,: a.jpg 3'],
    [
      'commas behind a file that is not there',
      'x.jpg,0',
      /^Separate path and class by a space or a tab: a list is not in CSV/,
    ],
    [
      'a class behind a no-break space',
      'a.jpg\u00a07',
      /^Separate path and class by a space or a tab: the character between them/,
    ],
    ['lines that end in CR alone', 'a.jpg 0\rdeep/b.jpg 1', /only a carriage return/],
    ['quotes', '"my photo.jpg" 1', 'Write the path without quotes: my photo.jpg 1'],
    ['half a class', 'a.jpg 0.5', /^"0\.5" is not a class: write a whole number/],
    ['a class by its name', 'a.jpg ant', /^"ant" is not a class: write a whole number/],
    ['two classes', 'a.jpg 1 2', /^Write one class/],
    ['the class first', '3 a.jpg', 'Write the class after the path: a.jpg 3'],
    ['backslashes', 'deep\\b.jpg 1', 'Write / for \\: deep/b.jpg 1'],
    ['a path of Windows', 'C:\\data\\x.jpg 1', /Windows paths/],
    ['a drive', 'C:/data/x.jpg 1', /drives exist only on Windows/],
    ['a path that begins above the root', 'images/deep/b.jpg 1', /write deep\/b\.jpg, or name another "root"/],
    ['a comment', '# classes of ImageNet', /cannot have comments/],
    ['a heading', 'image label', /header/],
    ['another case', 'A.JPG', 'Did you mean "a.jpg"?'],
    ['a slip', 'deep/bb.jpg', 'Did you mean "b.jpg"?'],
    ['letters in another normal form', 'Ka\u0308se.jpg', /another Unicode form/],
  ])('has advice for %s', async (_, line, fix) => {
    const there = { 'a.jpg': '', 'deep/b.jpg': '', 'my photo.jpg': '', 'K\u00e4se.jpg': '' };
    await expect(openList(line, there)).rejects.toMatchObject({
      code: 'OOD_DATASET_INVALID',
      fix: typeof fix === 'string' ? fix : (expect.stringMatching(fix) as unknown),
      place: { line: 1, column: 1 },
    });
  });

  it.each([
    ['last', 3, 'a.jpg 7 v1\ndeep/b.jpg -1 v1\n', [7, undefined]],
    ['in the middle', 2, 'a.jpg v1 7\n deep/b.jpg   v1', [7, undefined]],
    ['first', 1, 'v1 a.jpg 7\nv1 deep/b.jpg 3', [7, 3]],
    ['between tabs', 2, 'a.jpg\tv1\t7\r\ndeep/b.jpg\tv1\r\n', [7, undefined]],
  ])('takes a field that is %s for the group', async (_, group, text, labels) => {
    const folder = folderOf({ 'list.txt': text, ...files });
    const images = await open({ list: join(folder, 'list.txt'), group });
    expect(images.map(({ id }) => id)).toEqual(['a.jpg', 'deep/b.jpg']);
    expect(images.map(({ label }) => label)).toEqual(labels);
    expect(images.map((image) => image.group)).toEqual(['v1', 'v1']);
  });

  it('keeps blanks in paths and groups where tabs part the fields, and takes a number for a group', async () => {
    const text = 'my photo 1.jpg\t3\tvideo 7\na.jpg\t12\t0';
    const folder = folderOf({ 'list.txt': text, 'my photo 1.jpg': '', 'a.jpg': '' });
    const images = await open({ list: join(folder, 'list.txt'), group: 3 });
    expect(images).toEqual([
      { id: 'my photo 1.jpg', path: join(folder, 'my photo 1.jpg'), label: 3, group: 'video 7' },
      { id: 'a.jpg', path: join(folder, 'a.jpg'), label: 12, group: '0' },
    ]);
  });

  it.each([
    ['a line without it', 2, 'deep/b.jpg', 'the field that names the group is missing', /Name a group/],
    ['a line where it is empty', 2, 'deep/b.jpg\t\t3', 'the field that names the group is missing', /Name a group/],
    ['a line that is nothing else', 1, 'v1', 'there is a group but no path', /Write the path/],
    ['blanks that are no fields', 2, 'my photo.jpg v1 3', '"my v1" is not a file in ', /separate fields by tabs/],
  ])('refuses %s where a field is the group', async (_, group, line, message, fix) => {
    const folder = folderOf({ 'list.txt': `${group === 1 ? 'v1 a.jpg' : 'a.jpg v1'}\n${line}\n`, ...files });
    await expect(open({ list: join(folder, 'list.txt'), group })).rejects.toMatchObject({
      code: 'OOD_DATASET_INVALID',
      message: expect.stringContaining(message) as unknown,
      fix: expect.stringMatching(fix) as unknown,
      place: { line: 2, column: 1 },
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
  { title: 'a field before the first is refused', params: { list: listOf('a.jpg'), group: 0 }, refused: 'group' },
  { title: 'no list is refused', params: {}, refused: 'list' },
  { title: 'a limit of half an image is refused', params: { list: listOf('a.jpg'), limit: 0.5 }, refused: 'limit' },
]);
