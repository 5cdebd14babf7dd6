import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { captionOf, imageSets, rendererVersion, renderImage, type ImageSetName } from '../src/image-sets.ts';

const names = Object.keys(imageSets) as ImageSetName[];

const hashOf = (set: ImageSetName, seed: number) => {
  const hash = createHash('sha256');
  for (let index = 0; index < 12; index++) hash.update(renderImage(set, seed, index));
  return hash.digest('hex').slice(0, 16);
};

/** The pixels that the committed network was trained and measured on. Where they change on purpose, so does the version. */
const pinned = {
  objects: '633b4473a134d5bc',
  noise: 'f689346063a100f5',
  textures: '686b06036f053500',
  'hybrid-shapes': '743ec15dc1ef5086',
  'shifted-shapes': '1089b59fb8dbd517',
  'unseen-shapes': '1281040a94a15591',
};

describe('renderImage', () => {
  it(`version ${rendererVersion} of the renderer paints the same pixels everywhere`, () => {
    expect(Object.fromEntries(names.map((name) => [name, hashOf(name, 3)]))).toEqual(pinned);
  });

  it('an image does not depend on which were painted before', () => {
    const alone = renderImage('textures', 5, 9);
    renderImage('objects', 5, 8);
    expect(renderImage('textures', 5, 9)).toEqual(alone);
  });

  it.each(names)('%s: 64 × 64 RGB, no two images are equal, and another seed gives others', (name) => {
    const images = [1, 2].flatMap((seed) => Array.from({ length: 6 }, (_, index) => renderImage(name, seed, index)));
    for (const image of images) expect(image).toHaveLength(64 * 64 * 3);
    expect(new Set(images.map((image) => createHash('sha256').update(image).digest('hex'))).size).toBe(12);
  });
});

describe('captionOf', () => {
  it('known objects take turns and are labelled by their place', () => {
    expect([0, 11, 12].map((index) => captionOf('objects', index))).toEqual([
      { kind: 'disc', label: 0 },
      { kind: 'bolt', label: 11 },
      { kind: 'disc', label: 0 },
    ]);
  });

  it('hybrids are every pair of the twelve shapes', () => {
    const kinds = Array.from({ length: 66 }, (_, index) => captionOf('hybrid-shapes', index).kind);
    expect(new Set(kinds).size).toBe(66);
    expect(captionOf('hybrid-shapes', 66)).toEqual({ kind: kinds[0] });
  });
});
