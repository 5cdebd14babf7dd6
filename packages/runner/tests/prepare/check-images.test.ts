import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { checkImages } from '../../src/prepare/check-images.ts';

const file = path.resolve('a.png');
const read = () => Promise.resolve(new Uint8Array());

describe('checkImages', () => {
  it('passes files and sources on, with labels or without', () => {
    const images = [
      { id: 'a', path: file },
      { id: 'b', label: 0, version: '1', read },
    ];
    expect(checkImages('d', images)).toBe(images);
  });

  it.each([
    ['no list', undefined, 'gives no list of images'],
    ['an empty list', [], 'has no images'],
    ['nothing in the place of an image', [undefined], 'has an image without an id, number 0'],
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
    ['a relative path', [{ id: 'a', path: 'a.png' }], 'gives the image "a" no absolute path: "a.png"'],
    ['a path that is no text', [{ id: 'a', path: 1 }], 'gives the image "a" no absolute path: 1'],
    ['no version', [{ id: 'a', read }], 'gives the image "a" neither a path nor a version and read()'],
    ['no read()', [{ id: 'a', version: '1' }], 'gives the image "a" neither a path nor a version and read()'],
    ['−1 for no label', [{ id: 'a', label: -1, path: file }], 'the label -1, expected 0, 1, … or none'],
    ['a word as label', [{ id: 'a', label: 'cat', path: file }], 'the label "cat", expected 0, 1, … or none'],
  ])('refuses %s by the name of the dataset', (_title, images, says) => {
    const refused = () => checkImages('flowers', images);
    expect(refused).toThrow(expect.objectContaining({ code: 'OOD_DATASET_INVALID' }));
    expect(refused).toThrow('the dataset "flowers"');
    expect(refused).toThrow(says);
  });
});
