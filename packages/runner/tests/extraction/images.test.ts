import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { ImageSource } from '@farout/core';
import { checkImages } from '../../src/extraction/images.ts';

const file = path.resolve('a.png');
const read = () => Promise.resolve(new Uint8Array());

describe('checkImages', () => {
  it('passes all kinds on, with labels, groups and stretches or without, and nothing else of them', () => {
    const url = 'https://example.org/a.tar?signature=1';
    const images = [
      { id: 'a', path: file },
      { id: 'b', label: 3, path: file, offset: 512, length: 0 },
      { id: 'c', label: 0, group: 'c', url, version: '1' },
      { id: 'd', url: 'http://[::1]:80/', version: '1', offset: 0, length: 2 ** 30 },
      { id: 'e', pixels: { data: new Uint8Array(6), shape: [1, 2, 3] } },
    ];
    const more = images.map((image) => ({ ...image, more: 1, read: undefined }));
    expect(checkImages('d', more)).toEqual(images);
  });

  it('reads a source as the object that lists it, and holds what was found right', async () => {
    class Image {
      id = 'a';
      version = '1';
      bytes = Uint8Array.of(7);
      read() {
        return Promise.resolve(this.bytes);
      }
    }
    const image = new Image();
    const [checked] = checkImages('d', [image]) as [ImageSource];
    image.version = '2';
    expect(checked.version).toBe('1');
    expect(await checked.read()).toEqual(Uint8Array.of(7));
  });

  it.each([
    ['no list', undefined, 'does not return a list of images'],
    ['an empty list', [], 'has no images'],
    ['nothing in the place of an image', [undefined], 'has an image without an id, number 0'],
    [
      'a number as group',
      [{ id: 'a', path: file, group: 7 }],
      'gives the image "a" the group 7, expected a name or none',
    ],
    [
      'an empty group',
      [{ id: 'a', path: file, group: '' }],
      'gives the image "a" the group "", expected a name or none',
    ],
    ['a number as id', [{ id: 1, path: file }], 'has an image without an id, number 0'],
    ['an empty id', [{ id: '', path: file }], 'has an image without an id, number 0'],
    [
      'one id twice',
      [
        { id: 'a', path: file },
        { id: 'a', version: '1', read },
      ],
      'has two images called "a"',
    ],
    ['a relative path', [{ id: 'a', path: 'a.png' }], 'gives the image "a" a path that is not absolute: "a.png"'],
    ['a path that is no text', [{ id: 'a', path: 1 }], 'gives the image "a" a path that is not absolute: 1'],
    ['no version', [{ id: 'a', read }], 'gives the image "a" read() without a version'],
    ['no read()', [{ id: 'a', version: '1' }], 'gives the image "a" no path, address, pixels, read() or row'],
    ['a file that is read', [{ id: 'a', path: file, version: '1', read }], 'gives the image "a" both path and read'],
    ['a read() that is none', [{ id: 'a', version: '1', read: 'me' }], 'a read that is not a function: "me"'],
    ['no version of an address', [{ id: 'a', url: 'http://b' }], 'gives the image "a" an address without a version'],
    ['an address of a file', [{ id: 'a', url: 'file:///b', version: '1' }], 'an address that is not http or https'],
    ['no address', [{ id: 'a', url: 'b.png', version: '1' }], 'an address that is not http or https'],
    ['a list as address', [{ id: 'a', url: ['http://b'], version: '1' }], 'an address that is not http or https'],
    [
      'an offset below 0',
      [{ id: 'a', path: file, offset: -1 }],
      'the offset -1, expected a whole number of bytes, 0 or',
    ],
    ['half an offset', [{ id: 'a', path: file, offset: 0.5 }], 'the offset 0.5'],
    ['a text as length', [{ id: 'a', path: file, length: '9' }], 'the length "9"'],
    ['a length of NaN', [{ id: 'a', url: 'http://b', version: '1', length: NaN }], 'the length NaN'],
    ['a length of null', [{ id: 'a', path: file, length: null }], 'the length nothing'],
    ['an offset no number holds', [{ id: 'a', path: file, offset: 2 ** 53 }], 'the offset 9007199254740992'],
    [
      'an end no number holds',
      [{ id: 'a', path: file, offset: 2 ** 53 - 1, length: 1 }],
      'beyond the largest exact integer',
    ],
    ['pixels of no shape', [{ id: 'a', pixels: new Uint8Array(3) }], 'gives the image "a" no pixels: expected'],
    ['a hole in the list', Array(1), 'has an image without an id, number 0'],
    ['−1 for no label', [{ id: 'a', label: -1, path: file }], 'the label -1, expected 0, 1, … or none'],
    ['a word as label', [{ id: 'a', label: 'cat', path: file }], 'the label "cat", expected 0, 1, … or none'],
  ])('refuses %s by the name of the dataset', (_title, images, says) => {
    const refused = () => checkImages('flowers', images);
    expect(refused).toThrow(expect.objectContaining({ code: 'OOD_DATASET_INVALID' }));
    expect(refused).toThrow('the dataset "flowers"');
    expect(refused).toThrow(says);
  });

  it('names nothing of an address that holds a password', () => {
    const images = [{ id: 'a', url: 'https://user:secret@example.org/a.png', version: '1' }];
    expect(() => checkImages('d', images)).toThrow(
      'the dataset "d" gives the image "a" an address that is not http or https, or contains a user name or a password',
    );
  });
});
