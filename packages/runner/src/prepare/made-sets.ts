import { createHash } from 'node:crypto';
import type { DatasetImage, ImageSource, RawPixels } from '@farout/core';
import { centerWindow, prepare, type PixelRecipe } from '@farout/images';
import { isMadeSet, type Experiment, type MadeSet } from '../experiment.ts';
import { contentHash, hashImage, readableOf, readImage } from '../extraction/read-image.ts';
import type { ListedDataset } from '../extraction/look-up.ts';
import { stretchOf } from '../extraction/images.ts';
import { splitImages } from './split.ts';

/** What a set is generated from. */
interface Origin {
  /** The ID images that it is compared with. */
  readonly id: readonly DatasetImage[];
  readonly recipe: PixelRecipe;
  readonly seed: number;
}

/** The largest number of noise images generated, and of images drawn for shuffling. */
const mostImages = 1000;

/** Must change whenever any pixel of any generated set does. */
const version = 1;

/** Number of patches in each row and column. */
const patches = 8;

type Opened = ReadonlyMap<string, ListedDataset>;

/** Datasets, plus the generated sets of an experiment. */
export async function withMadeSets(experiment: Experiment, datasets: Opened): Promise<Map<string, ListedDataset>> {
  const all = new Map(datasets);
  for (const [name, origin] of originsOf(experiment, datasets)) all.set(name, await openMadeSet(name, origin));
  return all;
}

/** The same, but only as listings whose images cannot be read: for callers that only ask what there is. */
export const withMadeListings = (experiment: Experiment, datasets: Opened): Map<string, ListedDataset> =>
  new Map([
    ...datasets,
    ...originsOf(experiment, datasets).map(([name, origin]) => [name, listMadeSet(name, origin)] as const),
  ]);

/** The generated sets of an experiment: those in `ood` are based on the tested ID images, others on those that choose parameters. */
function originsOf({ datasets, id, ood, select, seed, backbone }: Experiment, opened: Opened): [MadeSet, Origin][] {
  const isMade = (name: string): name is MadeSet => isMadeSet(name) && !datasets.has(name);
  const after = (names: readonly string[]): Origin => ({ id: imagesIn(names, opened), recipe: backbone.params, seed });
  const chosenOn = select?.ood.filter((name) => !ood.includes(name)) ?? [];
  return [
    ...ood.filter(isMade).map((name): [MadeSet, Origin] => [name, after(id)]),
    ...chosenOn.filter(isMade).map((name): [MadeSet, Origin] => [name, after(select!.id)]),
  ];
}

/** The images of several datasets combined, with unique ids. */
function imagesIn(names: readonly string[], opened: Opened): readonly DatasetImage[] {
  const [first, ...others] = names;
  if (others.length === 0) return opened.get(first!)!.images;
  return names.flatMap((name) => opened.get(name)!.images.map((image) => ({ ...image, id: `${name}/${image.id}` })));
}

function listMadeSet(name: MadeSet, origin: Origin): ListedDataset {
  if (name !== 'shuffled patches') return { images: noiseImages(name, origin) };
  const read = () => Promise.reject(new Error('it is only listed'));
  return { images: drawnFrom(origin).map(({ id }) => ({ id, version: `${name} of ${id}, listed`, read })) };
}

/**
 * An OOD set that requires no files: as many images as there are ID images, at most 1,000. Noise images are squares of
 * the side that the backbone resizes to, so that nothing is resampled and the network sees exactly the distribution.
 *
 * - `gaussian noise`: each channel of each pixel is independent, 255 · N(0.5, 1), rounded and clipped to 0..255.
 * - `uniform noise`: each is 0 to 255 with equal probability.
 * - `shuffled patches`: an ID image as the network sees it, the whole patches of an 8 × 8 grid in random order.
 *
 * The first two are those of Liang et al., "Enhancing the Reliability of Out-of-distribution Image Detection in
 * Neural Networks", ICLR 2018.
 */
export const openMadeSet = async (name: MadeSet, origin: Origin): Promise<ListedDataset> => ({
  images: name === 'shuffled patches' ? await shuffledImages(origin) : noiseImages(name, origin),
});

function noiseImages(name: Exclude<MadeSet, 'shuffled patches'>, { id, recipe, seed }: Origin): ImageSource[] {
  const count = Math.min(id.length, mostImages);
  const side = recipe.resize;
  const fill = name === 'gaussian noise' ? fillGaussian : fillUniform;
  return Array.from({ length: count }, (_, index): ImageSource => {
    const text = `${name} ${version} ${side} ${seed} ${index}`;
    return {
      id: String(index).padStart(4, '0'),
      version: text,
      read: () => Promise.resolve({ data: fill(side * side * 3, new Random(text)), shape: [side, side, 3] }),
    };
  });
}

/** sfc32 (Doty-Humphrey, PractRand), seeded with the SHA-256 of a text: the same numbers on every machine. */
class Random {
  readonly #state: Uint32Array;

  constructor(text: string) {
    const digest = createHash('sha256').update(text).digest();
    this.#state = Uint32Array.from([0, 4, 8, 12], (at) => digest.readUInt32LE(at));
    for (let warmUp = 0; warmUp < 16; warmUp++) this.next();
  }

  /** 32 random bits. */
  next(): number {
    const state = this.#state;
    const [a, b, c, counter] = [state[0]!, state[1]!, state[2]!, state[3]!];
    const sum = (a + b + counter) >>> 0;
    state[3] = counter + 1;
    state[0] = b ^ (b >>> 9);
    state[1] = c + (c << 3);
    state[2] = ((c << 21) | (c >>> 11)) + sum;
    return sum;
  }

  /** A whole number below n. */
  below = (n: number): number => Math.floor((this.next() / 2 ** 32) * n);
}

/** Four values from each 32 bits, lowest byte first: the same on little- and big-endian machines. */
function fillUniform(length: number, random: Random): Uint8Array {
  const data = new Uint8Array(length);
  for (let at = 0, bits = 0; at < length; at++, bits >>>= 8) {
    if (at % 4 === 0) bits = random.next();
    data[at] = bits;
  }
  return data;
}

/** Two values from each 32 bits. */
function fillGaussian(length: number, random: Random): Uint8Array {
  const data = new Uint8Array(length);
  for (let at = 0, bits = 0; at < length; at++, bits >>>= 16) {
    if (at % 2 === 0) bits = random.next();
    data[at] = gaussianLevels[bits & 0xffff]!;
  }
  return data;
}

/** 16 random bits → a pixel, by the inverse of its cumulative distribution P(level ≤ k) = Φ((k + 0.5) / 255 − 0.5), k < 255. */
const gaussianLevels = levelsOf((k) => normalCumulative((k + 0.5) / 255 - 0.5));

function levelsOf(cumulative: (level: number) => number): Uint8Array {
  const levels = new Uint8Array(2 ** 16);
  let level = 0;
  for (let bits = 0; bits < levels.length; bits++) {
    while (level < 255 && cumulative(level) <= (bits + 0.5) / 2 ** 16) level++;
    levels[bits] = level;
  }
  return levels;
}

/** Φ(x) for |x| ≤ 0.5 by its Taylor series. Uses only products and sums, which are the same on every machine. */
function normalCumulative(x: number): number {
  let [term, sum] = [x, x];
  for (let n = 1; n < 12; n++) {
    term *= -(x * x) / (2 * n);
    sum += term / (2 * n + 1);
  }
  return 0.5 + 0.3989422804014327 * sum;
}

/** The images whose patches are shuffled. */
const drawnFrom = ({ id, seed }: Origin): readonly DatasetImage[] =>
  id.length <= mostImages ? id : splitImages(id, { share: mostImages / id.length, from: 0, seed });

async function shuffledImages(origin: Origin): Promise<ImageSource[]> {
  const { recipe, seed } = origin;
  const images: ImageSource[] = [];
  for (const image of drawnFrom(origin)) {
    const content = await contentOf(image);
    if (content === undefined) continue;
    const key = `${recipe.resize} ${recipe.crop} ${recipe.interpolation ?? ''} ${recipe.sides ?? ''}`;
    const text = `shuffled patches ${version} ${key} ${seed} ${content}`;
    images.push({
      id: image.id,
      ...(image.group !== undefined && { group: image.group }),
      version: text,
      read: async () => shuffle(await prepare(await readImage(await readableOf(image)), recipe), recipe, text),
    });
  }
  return images;
}

/** Identifies an image's content; undefined if it cannot be read, which is reported for the set it comes from. */
async function contentOf(image: DatasetImage): Promise<string | undefined> {
  if ('pixels' in image) return contentHash(image.pixels);
  if ('version' in image) return ['version', image.version, ...('url' in image ? stretchOf(image) : [])].join(' ');
  try {
    return await hashImage(await readableOf(image));
  } catch {
    return undefined;
  }
}

/**
 * The picture a network sees, (crop, crop, 3), with its patches in another order, embedded in a square whose resize
 * and crop give it back.
 */
function shuffle(picture: Uint8Array, { resize, crop }: PixelRecipe, text: string): RawPixels {
  const { first, length, padding } = centerWindow(resize, crop);
  const count = Math.min(patches, length);
  const patch = Math.floor(length / count);
  const from = permutation(count * count, new Random(text));
  const data = new Uint8Array(resize * resize * 3);
  for (let y = 0; y < length; y++) {
    for (let x = 0; x < length; x++) {
      const [row, column] = [Math.floor(y / patch), Math.floor(x / patch)];
      const source = row < count && column < count ? from[row * count + column]! : undefined;
      const sourceY = source === undefined ? y : Math.floor(source / count) * patch + (y % patch);
      const sourceX = source === undefined ? x : (source % count) * patch + (x % patch);
      const at = ((padding + sourceY) * crop + padding + sourceX) * 3;
      data.set(picture.subarray(at, at + 3), ((first + y) * resize + first + x) * 3);
    }
  }
  return { data, shape: [resize, resize, 3] };
}

/** 0 to n − 1 in random order (Fisher and Yates). */
function permutation(n: number, random: Random): number[] {
  const order = Array.from({ length: n }, (_, index) => index);
  for (let last = n - 1; last > 0; last--) {
    const other = random.below(last + 1);
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}
