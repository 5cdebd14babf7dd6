import type { ImageRecipe } from '@oodkit/core';
import { bilinearTaps } from './bilinear-taps.ts';
import { centerWindow } from './center-window.ts';
import type { Pixels } from './pixels.ts';
import { resample } from './resample.ts';
import { resizedSize } from './resized-size.ts';

/** The part of a backbone's image parameters that decides which pixels it sees. */
export type PixelRecipe = Pick<ImageRecipe, 'resize' | 'crop'>;

/**
 * Resizes an image so that its shorter side is `resize`, bilinear and antialiased, and cuts a square of side `crop` from
 * its centre; where the resized image is smaller than the square, zeros surround it.
 *
 * → (crop, crop, 3), uint8, row by row. Bit-equal to torchvision's `Resize` and `CenterCrop` on Pillow images.
 *
 * Only the square's columns and rows are computed, with the weights of the full size, so that the memory is bounded by
 * the crop and the image whatever its shape: the full size of a 1 × N image would be resize² · N. As in Pillow, columns
 * come first and are rounded to uint8 in between. An axis that keeps its size passes through weights of exactly one.
 */
export function resizeAndCrop(pixels: Pixels, { resize, crop }: PixelRecipe): Uint8Array {
  const size = resizedSize(pixels, resize);
  const across = centerWindow(size.width, crop);
  const down = centerWindow(size.height, crop);
  const columns = bilinearTaps(pixels.width, size.width, across.first, across.length);
  const rows = bilinearTaps(pixels.height, size.height, down.first, down.length);

  const top = rows.starts[0]!;
  const bottom = rows.starts.at(-1)! + rows.counts.at(-1)!;
  const width = across.length * 3;
  const narrow = new Uint8Array((bottom - top) * width);
  const imageRows = { data: pixels.data, origin: top * pixels.width * 3, step: 3, lineStep: pixels.width * 3 };
  const narrowRows = { data: narrow, origin: 0, step: 3, lineStep: width };
  // Pair by pair of rows: all columns of a pair while it is in the cache.
  for (let row = 0; row < bottom - top; row += 2) {
    resample(imageRows, narrowRows, columns, row, Math.min(row + 2, bottom - top));
  }

  const square = new Uint8Array(crop * crop * 3);
  const narrowColumns = { data: narrow, origin: -top * width, step: width, lineStep: 3 };
  const corner = (down.padding * crop + across.padding) * 3;
  resample(narrowColumns, { data: square, origin: corner, step: crop * 3, lineStep: 3 }, rows, 0, across.length);
  return square;
}
