import { describe, expect, it } from '@jest/globals';
import { schemaOf, type ImageSource } from '@farout/core';
import { decode, prepare } from '@farout/images';
import { testDataset } from '@farout/testing';
import { demoImages } from '../src/demo-images.ts';
import { renderImage } from '../src/image-sets.ts';
import { knownShapes } from '../src/shapes.ts';

const open = async (params: { set: string; count: number; seed: number }) =>
  (await demoImages.open(schemaOf(demoImages).parse(params))).images as readonly ImageSource[];

describe('demo-images', () => {
  it('names every image by its number and what it shows, and labels known objects with their class', async () => {
    const images = await open({ set: 'objects', count: 25, seed: 3 });
    const classes = [...knownShapes.keys()];
    expect(images.map(({ id }) => id)).toEqual(
      images.map((_, i) => `${String(i).padStart(4, '0')}-${classes[i % classes.length]!}`),
    );
    expect(images.map(({ label }) => label)).toEqual(images.map((_, i) => i % classes.length));
  });

  it.each(['noise', 'textures', 'shifted-shapes', 'unseen-shapes', 'hybrid-shapes'])(
    '%s has no labels',
    async (set) => {
      for (const image of await open({ set, count: 100, seed: 3 })) expect(image).not.toHaveProperty('label');
    },
  );

  it('an image is a PNG of the painted pixels, and resizing to its own size changes none of them', async () => {
    const [, image] = await open({ set: 'objects', count: 2, seed: 7 });
    const bytes = (await image!.read()) as Uint8Array;
    const painted = Buffer.from(renderImage('objects', 7, 1));
    expect(await decode(bytes)).toMatchObject({ width: 64, height: 64 });
    expect(painted.equals((await decode(bytes)).data)).toBe(true);
    expect(painted.equals(await prepare(bytes, { resize: 64, crop: 64 }))).toBe(true);
  });

  it('versions differ as soon as set, seed or number differ, and do not depend on the count', async () => {
    const requests = [
      { set: 'objects', count: 30, seed: 1 },
      { set: 'objects', count: 30, seed: 2 },
      { set: 'noise', count: 30, seed: 1 },
    ];
    const versions = (await Promise.all(requests.map(open))).flat().map(({ version }) => version);
    expect(new Set(versions).size).toBe(90);
    const [longer] = await open({ set: 'objects', count: 31, seed: 1 });
    expect(longer!.version).toBe(versions[0]);
  });
});

testDataset(demoImages, [
  {
    title: 'an image is called by its number and what it shows, a known object is labelled with its class',
    params: { set: 'objects', count: 3, seed: 3 },
    ids: ['0000-disc', '0001-ring', '0002-crescent'],
    labels: [0, 1, 2],
  },
  { title: 'an unknown set is refused', params: { set: 'cats', count: 1, seed: 0 }, refused: 'set' },
  { title: 'no image at all is refused', params: { set: 'noise', count: 0, seed: 0 }, refused: 'count' },
  { title: 'a broken count is refused', params: { set: 'noise', count: 1.5, seed: 0 }, refused: 'count' },
  { title: 'a negative seed is refused', params: { set: 'noise', count: 1, seed: -1 }, refused: 'seed' },
]);
