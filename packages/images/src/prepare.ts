import type { RawPixels } from '@farout/core';
import { announcedPixels, decode } from './decode.ts';
import type { Pixels } from './pixels.ts';
import { resizeAndCrop, type PixelRecipe } from './resize-and-crop.ts';
import { loadSharp } from './sharp-decoder.ts';

/**
 * The version of everything here that affects pixels; part of the store's keys. It must change whenever the same file would give different pixels,
 * or become readable, so that old features are never used as new ones.
 */
export const recipeVersion = 'pillow-9.4-bilinear-4';

/**
 * The key of a recipe in the store: recipes with different pixels have different keys. The key of a bilinear resize by the shorter side has no extra
 * parts, as before other recipes existed.
 */
export function recipeKey({ resize, crop, interpolation = 'bilinear', sides = 'shorter' }: PixelRecipe) {
  const usual = interpolation === 'bilinear' && sides === 'shorter';
  return [resize, crop, recipeVersion, ...(usual ? [] : [{ interpolation, sides }])];
}

/**
 * Prepares an image, a file's bytes or pixels, for the graph of the backbone: decodes, resizes, crops. (crop, crop, 3), uint8, not yet
 * normalised.
 *
 * Waits while the images in progress have more pixels than a process decodes at once.
 *
 * Throws OOD_IMAGE_UNREADABLE, as `decode` does.
 */
export function prepare(image: Uint8Array | RawPixels, recipe: PixelRecipe): Promise<Uint8Array> {
  return withPixels(image, (pixels) => resizeAndCrop(pixels, recipe));
}

/** Decodes an image, a file's bytes or pixels, at its own size. Waits and throws like `prepare`. */
export const decodePixels = (image: Uint8Array | RawPixels): Promise<RawPixels> =>
  withPixels(image, ({ data, width, height }) => ({ data, shape: [height, width, 3] }));

/** Calls `make` with the pixels of an image, a file's bytes or pixels. Waits and throws like `prepare`. */
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
 * A thumbnail: a JPEG of at most 96 × 96 pixels, with the original proportions, never enlarged. Made from the pixels that a network sees, so effects
 * of Pillow on rare kinds are visible too, but reduced by the decoder's library and compressed.
 *
 * Waits like `prepare`. Throws OOD_IMAGE_UNREADABLE, as `decode` does.
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
 * How many pixels a process decodes at once: two photographs of 25 megapixels, or a hundred of the size of ImageNet's. 150 MB as RGB.
 */
const pixelsAtOnce = 50_000_000;

interface Waiting {
  readonly pixels: number;
  readonly begin: () => void;
}

/**
 * Admits work in order of request while the total pixels in progress stay within a limit. An image larger than the limit is processed alone.
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

/** The instance of this process. */
const admission = new Admission(pixelsAtOnce);
