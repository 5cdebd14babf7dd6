import type { RawPixels } from '@farout/core';
import { announcedPixels, decode } from './decode.ts';
import type { Pixels } from './pixels.ts';
import { resizeAndCrop, type PixelRecipe } from './resize-and-crop.ts';
import { loadSharp } from './sharp-decoder.ts';

/**
 * Stands for everything here that decides a pixel; part of the store's keys. Must change whenever the same file would
 * give other pixels than before, or any where it was unreadable, so that no feature made from the old ones is taken for a new one.
 */
export const recipeVersion = 'pillow-9.4-bilinear-4';

/**
 * What stands for a recipe in the store's keys: recipes that give other pixels have other keys. That of a bilinear resize by the shorter
 * side is what it was before there were others.
 */
export function recipeKey({ resize, crop, interpolation = 'bilinear', sides = 'shorter' }: PixelRecipe) {
  const usual = interpolation === 'bilinear' && sides === 'shorter';
  return [resize, crop, recipeVersion, ...(usual ? [] : [{ interpolation, sides }])];
}

/**
 * An image, a file's bytes or its pixels, as the backbone's graph takes it: decoded, resized, cropped. (crop, crop, 3), uint8, not yet
 * normalised.
 *
 * Waits while other pictures are under way and all together have more pixels than a process decodes at once.
 *
 * Throws OOD_IMAGE_UNREADABLE, as `decode` does.
 */
export function prepare(image: Uint8Array | RawPixels, recipe: PixelRecipe): Promise<Uint8Array> {
  return withPixels(image, (pixels) => resizeAndCrop(pixels, recipe));
}

/** An image, a file's bytes or its pixels, as pixels at its own size. Waits for its turn and throws as `prepare` does. */
export const decodePixels = (image: Uint8Array | RawPixels): Promise<RawPixels> =>
  withPixels(image, ({ data, width, height }) => ({ data, shape: [height, width, 3] }));

/** What is made of the pixels of an image, a file's bytes or its pixels. Waits for its turn and throws as `prepare` does. */
export function withPixels<T>(image: Uint8Array | RawPixels, make: (pixels: Pixels) => T | Promise<T>): Promise<T> {
  return admission.admit(pixelsIn(image), async () => make(await decoded(image)));
}

const pixelsIn = (image: Uint8Array | RawPixels): number =>
  'shape' in image ? image.shape[0] * image.shape[1] : announcedPixels(image);

async function decoded(image: Uint8Array | RawPixels): Promise<Pixels> {
  if (!('shape' in image)) return decode(image);
  const [height, width] = image.shape;
  return { width, height, data: image.data };
}

/** Pixels of the longer side. */
const longest = 96;

/**
 * A picture of an image for people to look at: a JPEG of at most 96 × 96 pixels, its sides in proportion, never enlarged.
 * Made from the pixels that a network sees, so that what Pillow does to rare kinds is seen too, but reduced by the
 * decoder's library and compressed.
 *
 * Waits for its turn as `prepare` does. Throws OOD_IMAGE_UNREADABLE, as `decode` does.
 */
export function thumbnail(image: Uint8Array | RawPixels): Promise<Uint8Array> {
  return withPixels(image, reduce);
}

async function reduce({ width, height, data }: Pixels): Promise<Uint8Array> {
  const sharp = await loadSharp();
  return sharp(data, { raw: { width, height, channels: 3 } })
    .resize({ width: longest, height: longest, fit: 'inside', withoutEnlargement: true })
    .jpeg({ quality: 80 })
    .toBuffer();
}

/**
 * So many pixels are decoded at once in a process: two photographs of 25 megapixels, or a hundred of the size of
 * ImageNet's. 150 MB as RGB.
 */
const pixelsAtOnce = 50_000_000;

interface Waiting {
  readonly pixels: number;
  readonly begin: () => void;
}

/**
 * Lets work begin while the pixels of all that is under way stay within a limit, in the order in which it asks; a picture
 * that is larger than the limit is worked on alone.
 */
export class Admission {
  readonly #limit: number;
  #underWay = 0;
  #pixels = 0;
  readonly #waiting: Waiting[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  async admit<T>(pixels: number, work: () => Promise<T>): Promise<T> {
    await new Promise<void>((begin) => {
      this.#waiting.push({ pixels, begin });
      this.#next();
    });
    try {
      return await work();
    } finally {
      this.#underWay--;
      this.#pixels -= pixels;
      this.#next();
    }
  }

  #next(): void {
    for (let first = this.#waiting[0]; first && this.#fits(first); first = this.#waiting[0]) {
      this.#waiting.shift();
      this.#underWay++;
      this.#pixels += first.pixels;
      first.begin();
    }
  }

  #fits({ pixels }: Waiting): boolean {
    return this.#underWay === 0 || this.#pixels + pixels <= this.#limit;
  }
}

/** The one of this process. */
const admission = new Admission(pixelsAtOnce);
