import type { Pixels } from '../src/pixels.ts';
import { filters, tapsOf } from '../src/resample.ts';
import { centerWindow, resizedSize, type PixelRecipe } from '../src/resize-and-crop.ts';
import { resample } from './resample-in-typed-arrays.ts';

/**
 * What `resizeAndCrop` does, written without WebAssembly: its oracle, and what the benchmark compares it with. As in Pillow,
 * columns come first and are rounded to uint8 in between.
 */
export function resizeInTypedArrays(pixels: Pixels, recipe: PixelRecipe): Uint8Array {
  const { crop, interpolation = 'bilinear' } = recipe;
  const size = resizedSize(pixels, recipe);
  const filter = filters[interpolation];
  const across = centerWindow(size.width, crop);
  const down = centerWindow(size.height, crop);
  const columns = tapsOf(filter, pixels.width, size.width, across);
  const rows = tapsOf(filter, pixels.height, size.height, down);

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
