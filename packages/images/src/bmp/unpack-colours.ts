import type { Pixels } from '../pixels.ts';
import type { BmpHeader } from '../kinds/bmp-header.ts';
import type { ColourLayout } from './colour-layout.ts';
import { rowsWithin } from './rows-within.ts';

/** Red, green and blue of each pixel in the order of the file. A few bits v of at most `top` become ⌊255 · v / top⌋. */
export function unpackColours(file: Buffer, header: BmpHeader, layout: ColourLayout): Pixels {
  const { width, height, stride, dataAt } = header;
  rowsWithin(file, header);
  const data = new Uint8Array(width * height * 3);
  const size = header.bits / 8;
  for (let row = 0, to = 0; row < height; row++) {
    for (let x = 0, from = dataAt + row * stride; x < width; x++, from += size) {
      for (let colour = 0; colour < 3; colour++) data[to++] = colourAt(file, from, layout, colour);
    }
  }
  return { width, height, data };
}

function colourAt(file: Buffer, from: number, layout: ColourLayout, colour: number): number {
  if ('bytes' in layout) return file[from + layout.bytes[colour]!]!;
  const pixel = file[from]! | (file[from + 1]! << 8);
  const top = layout.tops[colour]!;
  return Math.floor((((pixel >> layout.shifts[colour]!) & top) * 255) / top);
}
