import type { ImageRecipe } from '@farout/core';
import type { Pixels, Size } from './pixels.ts';
import { filters, resample, tapsOf } from './resample.ts';

/** The image parameters of a backbone that determine its pixels; default: bilinear, by the shorter side. */
export type PixelRecipe = Pick<ImageRecipe, 'resize' | 'crop' | 'interpolation' | 'sides'>;

/** Extracts the recipe from the parameters of a backbone. */
export const pixelRecipe = ({ resize, crop, interpolation, sides }: PixelRecipe): PixelRecipe => ({
  resize,
  crop,
  ...(interpolation !== undefined && { interpolation }),
  ...(sides !== undefined && { sides }),
});

/**
 * Resizes an image so that its shorter side is `resize`, or both sides are, antialiased, bilinear or bicubic, and crops a square of side
 * `crop` from its centre. A resized image smaller than the square is padded with zeros.
 *
 * → (crop, crop, 3), uint8, row by row. Bit-equal to torchvision's `Resize` and `CenterCrop` on Pillow images.
 *
 * Computes only the columns and rows of the square, with the weights of the full size, so memory is bounded by the crop and the image, whatever its
 * shape: at full size, a 1 × N image would have resize² · N pixels. An axis that keeps its size has weights of exactly one.
 */
export function resizeAndCrop(pixels: Pixels, recipe: PixelRecipe): Uint8Array {
  const { crop, interpolation = 'bilinear' } = recipe;
  const size = resizedSize(pixels, recipe);
  const filter = filters[interpolation];
  const across = centerWindow(size.width, crop);
  const down = centerWindow(size.height, crop);
  const columns = tapsOf(filter, pixels.width, size.width, across);
  const rows = tapsOf(filter, pixels.height, size.height, down);

  const mixed = resample(pixels, columns, rows);
  const square = new Uint8Array(crop * crop * 3);
  for (let row = 0; row < rows.length; row++) {
    const line = mixed.data.subarray(row * mixed.stride, row * mixed.stride + 3 * columns.length);
    square.set(line, ((down.padding + row) * crop + across.padding) * 3);
  }
  return square;
}

/**
 * The resized size: the shorter side becomes `resize`, the longer ⌊resize · long / short⌋; or both sides become `resize`.
 *
 * Source: torchvision 0.14, `transforms.Resize` with one number, or with two.
 */
export function resizedSize({ width, height }: Size, { resize, sides }: Pick<PixelRecipe, 'resize' | 'sides'>): Size {
  if (sides === 'both') return { width: resize, height: resize };
  const long = (a: number, b: number) => Math.floor((resize * a) / b);
  return width <= height
    ? { width: resize, height: long(height, width) }
    : { width: long(width, height), height: resize };
}

/** The part of one axis used by a centred crop. */
interface Window {
  /** The first position taken. */
  readonly first: number;
  /** How many positions are taken: the side of the crop, or the whole axis if it is shorter. */
  readonly length: number;
  /** Zeros before the first position, if the axis is shorter than the crop. */
  readonly padding: number;
}

/** Takes `crop` positions from the middle of an axis of length `side`: first = round-half-even((side − crop) / 2).  */
export function centerWindow(side: number, crop: number): Window {
  if (side < crop) return { first: 0, length: side, padding: Math.floor((crop - side) / 2) };
  return { first: halfToEven(side - crop), length: crop, padding: 0 };
}

function halfToEven(n: number): number {
  const low = Math.floor(n / 2);
  return n % 2 === 1 && low % 2 === 1 ? low + 1 : low;
}
