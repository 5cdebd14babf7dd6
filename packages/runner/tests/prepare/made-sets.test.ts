import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { DatasetImage, ImageSource, RawPixels } from '@farout/core';
import { prepare } from '@farout/images';
import { madeSets, type MadeSet } from '../../src/experiment.ts';
import { openMadeSet } from '../../src/prepare/made-sets.ts';
import { pixelsOf, side } from '../fixtures/tiny.ts';

const recipe = { resize: 64, crop: 56 };
const id = Array.from({ length: 12 }, (_, seed): DatasetImage => ({
  id: `${seed}.png`,
  pixels: { data: pixelsOf(seed), shape: [side, side, 3] },
}));

async function imagesOf(name: MadeSet, change: { seed?: number; id?: DatasetImage[] } = {}) {
  const { images } = await openMadeSet(name, { id, recipe, seed: 0, ...change });
  return images as readonly ImageSource[];
}

const read = async (image: ImageSource) => (await image.read()) as RawPixels;

/** All values of all images of a set. */
async function valuesOf(name: MadeSet): Promise<number[]> {
  const all = await Promise.all((await imagesOf(name)).map(read));
  return all.flatMap(({ data }) => [...data]);
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe.each(madeSets)('%s', (name) => {
  it('has as many images as the ID set, of the side that the backbone resizes to', async () => {
    const images = await imagesOf(name);
    expect(images).toHaveLength(id.length);
    expect(await read(images[0]!)).toMatchObject({ shape: [64, 64, 3] });
  });

  it('gives the same pixels for the same seed and version, and others for another', async () => {
    const [one, again, other] = [await imagesOf(name), await imagesOf(name), await imagesOf(name, { seed: 1 })];
    expect(one.map(({ version }) => version)).toEqual(again.map(({ version }) => version));
    expect(await read(one[3]!)).toEqual(await read(again[3]!));
    expect((await read(one[3]!)).data).not.toEqual((await read(one[4]!)).data);
    expect(other[3]!.version).not.toBe(one[3]!.version);
    expect((await read(other[3]!)).data).not.toEqual((await read(one[3]!)).data);
  });
});

it.each([
  ['gaussian noise', '6889331318ca'],
  ['uniform noise', 'b8865c04b547'],
  ['shuffled patches', 'febd2803f3ba'],
] as const)('gives the pixels that its version stands for: %s', async (name, expected) => {
  const [image] = await imagesOf(name);
  const hash = createHash('sha256')
    .update((await read(image!)).data)
    .digest('hex');
  expect([image!.version.includes(' 1 '), hash.slice(0, 12)]).toEqual([true, expected]);
});

it('makes 1,000 images at most', async () => {
  const many = Array.from({ length: 1500 }, (_, index): DatasetImage => ({ ...id[0]!, id: `${index}` }));
  expect(await imagesOf('uniform noise', { id: many })).toHaveLength(1000);
  const shuffled = await imagesOf('shuffled patches', { id: many });
  expect(Math.abs(shuffled.length - 1000)).toBeLessThan(100);
});

describe('uniform noise', () => {
  it('has every value about equally often', async () => {
    const values = await valuesOf('uniform noise');
    const counts = new Array<number>(256).fill(0);
    for (const value of values) counts[value]!++;
    const expected = values.length / 256;
    const chiSquared = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // 255 degrees of freedom: 99.9 % lie below 330.5 (scipy.stats.chi2.ppf).
    expect(chiSquared).toBeLessThan(330.5);
  });
});

describe('gaussian noise', () => {
  it('is 255 · N(0.5, 1), rounded and cut off', async () => {
    const values = await valuesOf('gaussian noise');
    const share = (is: (value: number) => boolean) => values.filter(is).length / values.length;
    // scipy.stats.norm.cdf: of (0.5 / 255 - 0.5), and between (63.5, 64.5) / 255 - 0.5.
    expect(share((value) => value === 0)).toBeCloseTo(0.30923, 2);
    expect(share((value) => value === 255)).toBeCloseTo(0.30923, 2);
    expect(share((value) => value < 64)).toBeCloseTo(0.40098, 2);
    expect(mean(values)).toBeCloseTo(127.5, 0);
  });
});

describe('shuffled patches', () => {
  it('are the patches of the picture that the network sees, in another order', async () => {
    const [image] = await imagesOf('shuffled patches');
    const shuffled = await read(image!);
    const seen = await prepare(shuffled, recipe);
    const picture = await prepare((id[0] as { pixels: RawPixels }).pixels, recipe);
    expect(patchesOf(seen)).not.toEqual(patchesOf(picture));
    expect(patchesOf(seen).sort()).toEqual(patchesOf(picture).sort());
  });

  it('are not made of an image that cannot be read', async () => {
    const lost: DatasetImage = { id: 'lost.png', path: '/nowhere/lost.png' };
    const images = await imagesOf('shuffled patches', { id: [lost, ...id] });
    expect(images.map((image) => image.id)).toEqual(id.map((image) => image.id));
  });
});

/** The 8 × 8 patches of 7 × 7 pixels of a picture, each as a text. */
function patchesOf(picture: Uint8Array): string[] {
  const texts: string[] = [];
  for (let patch = 0; patch < 64; patch++) {
    const [top, left] = [Math.floor(patch / 8) * 7, (patch % 8) * 7];
    const rows = Array.from({ length: 7 }, (_, y) =>
      picture.slice(((top + y) * 56 + left) * 3, ((top + y) * 56 + left + 7) * 3).join(','),
    );
    texts.push(rows.join(';'));
  }
  return texts;
}
