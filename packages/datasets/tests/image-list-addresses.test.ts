import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { schemaOf, type ImageAddress } from '@farout/core';
import { imageList } from '../src/image-list.ts';
import { folderOf } from './folder-of.ts';

const opened = async (text: string, params: Record<string, unknown> = {}, files = {}) => {
  const list = join(folderOf({ 'list.txt': text, ...files }), 'list.txt');
  return (await imageList.open(schemaOf(imageList).parse({ list, ...params }))).images;
};
const versionsOf = async (...given: Parameters<typeof opened>) =>
  (await opened(...given)).map((image) => (image as ImageAddress).version);

describe('a list of addresses', () => {
  it('names images by host and path, with their classes, among files of the folder', async () => {
    const text = 'https://a.example/set/1.jpg 3\nb.jpg 4\nHTTP://b.example/1.jpg?signature=x\n';
    expect(await opened(text, {}, { 'b.jpg': '' })).toEqual([
      {
        id: 'a.example/set/1.jpg',
        url: 'https://a.example/set/1.jpg',
        version: expect.any(String) as unknown,
        label: 3,
      },
      expect.objectContaining({ id: 'b.jpg', label: 4 }),
      { id: 'b.example/1.jpg', url: 'http://b.example/1.jpg?signature=x', version: expect.any(String) as unknown },
    ]);
  });

  it('may have paths below a root that is an address', async () => {
    const root = 'https://a.example/sets/one';
    const [image, other] = await opened('cats/my cat #1.jpg 1\nhttps://b.example/2.jpg\n', { root });
    expect(image).toMatchObject({ id: 'cats/my cat #1.jpg', url: `${root}/cats/my%20cat%20%231.jpg`, label: 1 });
    expect(other).toMatchObject({ id: 'b.example/2.jpg', url: 'https://b.example/2.jpg' });
  });

  it('gives the same bytes the same version, until another release is named', async () => {
    const text = 'https://a.example/1.jpg\nhttps://a.example/2.jpg\nhttps://a.example/3.jpg?id=1\n';
    const now = await versionsOf(text);
    expect(new Set(now).size).toBe(3);
    expect(await versionsOf(text)).toEqual(now);
    const later = await versionsOf(text, { release: '2026' });
    expect(later.filter((version) => now.includes(version))).toEqual([]);
  });

  it.each([
    ['a password', 'https://user:word@a.example/1.jpg', 'the address of a.example contains a user name or a password'],
    ['no host', 'https://', 'this is not a valid address'],
    ['an address twice', 'https://a.example/0.jpg', 'is listed twice, first in line 1'],
  ])('is refused for %s, at its line', async (_title, line, message) => {
    await expect(opened(`https://a.example/0.jpg\n${line}\n`)).rejects.toMatchObject({
      code: 'OOD_DATASET_INVALID',
      message: expect.stringContaining(message) as unknown,
      place: { line: 2 },
    });
  });

  it.each(['../other/1.jpg', '/etc/1.jpg', './../../1.jpg'])('does not lead out of its root: %s', async (line) => {
    await expect(opened(`${line}\n`, { root: 'https://a.example/sets/one/' })).rejects.toMatchObject({
      message: `"${line}" points outside https://a.example/sets/one/`,
    });
  });
});
