import { unreadable } from '../image-kind.ts';
import type { Pixels } from '../pixels.ts';
import { inksToRgb } from '../sharp-decoder.ts';
import type { Block } from './blocks.ts';
import type { TiffDirectory } from './directory.ts';

/** Writes the pixels of a block to their place in the picture. */
export type Place = (rows: Uint8Array, block: Block, pixels: Pixels) => void;
/** Writes one pixel as RGB from the samples of its row; `x` is its number in the row. */
type Unpack = (rows: Uint8Array, row: number, x: number, rgb: Uint8Array, to: number) => void;

/**
 * By photometric interpretation, bits and extra samples. Pillow supports more: floats, 12 and 32 bits, signed numbers, LAB, and
 * 16-bit CMYK and premultiplied alpha. These are refused.
 */
const layouts: readonly [RegExp, (directory: TiffDirectory) => Unpack][] = [
  [/^(white|black)-is-zero grey of (1|2|4|8) bits$/, greyOf],
  [/^black-is-zero grey of 8\+8 bits with alpha$/, greyOf],
  [/^RGB of (8\+8\+8|16\+16\+16|8\+8\+8\+8|16\+16\+16\+16) bits$/, coloursOf],
  [/^RGB of (8\+8\+8\+8|16\+16\+16\+16) bits with (a spare sample|alpha)$/, coloursOf],
  [/^RGB of 8\+8\+8\+8 bits with premultiplied alpha$/, coloursOf],
  [/^palette of (1|2|4|8) bits$/, paletteOf],
  [/^palette of 8\+8 bits with alpha$/, paletteOf],
  [/^YCbCr of 8\+8\+8 bits as JPEG$/, coloursOf],
  [/^(white|black)-is-zero grey of 16 bits$/, clippedGrey],
  [/^CMYK of 8\+8\+8\+8 bits$/, () => inksOf],
];

const colours: Readonly<Record<number, string>> = {
  0: 'white-is-zero grey',
  1: 'black-is-zero grey',
  2: 'RGB',
  3: 'palette',
  5: 'CMYK',
  6: 'YCbCr',
  8: 'CIE Lab',
};
const extras: Readonly<Record<number, string>> = { 0: 'a spare sample', 1: 'premultiplied alpha', 2: 'alpha' };
const formats: Readonly<Record<number, string>> = { 2: 'signed', 3: 'floating-point' };
const jpeg = 7;
const oldJpeg = 6;

/** The conversion of TIFF samples to RGB. Throws OOD_IMAGE_UNREADABLE, with a description, for an unsupported layout. */
export function tiffRecipe(directory: TiffDirectory): Place {
  const words = describe(directory);
  const unpack = layouts.find(([layout]) => layout.test(words))?.[1];
  // No decoder used by Pillow supports 16-bit grey of this kind in the other byte order.
  const foreign = directory.bits[0] === 16 && directory.bigEndian && directory.photometric === 0;
  if (!unpack || foreign) throw unreadable('foreign', `a TIFF with ${words} is not supported`);
  return placeWith(unpack(directory));
}

function describe({ photometric, bits, extra, sampleFormat, compression }: TiffDirectory): string {
  const format = sampleFormat === 1 ? '' : ` ${formats[sampleFormat] ?? `format-${sampleFormat}`}`;
  const colour = colours[photometric] ?? `photometric interpretation ${photometric}`;
  const more = extra.map((each) => ` with ${extras[each] ?? `extra sample ${each}`}`).join('');
  const coding = compression === oldJpeg ? ' as old JPEG' : photometric === 6 && compression === jpeg ? ' as JPEG' : '';
  return `${colour} of ${bits.join('+')}${format} bits${more}${coding}`;
}

/** Tiles may extend beyond the picture; the excess is dropped. */
function placeWith(unpack: Unpack): Place {
  return (rows, block, { width, height, data }) => {
    const columns = Math.min(block.width, width - block.left);
    const bottom = Math.min(block.height, height - block.top);
    for (let y = 0; y < bottom; y++) {
      let to = ((block.top + y) * width + block.left) * 3;
      for (let x = 0; x < columns; x++, to += 3) unpack(rows, y * block.stride, x, data, to);
    }
  };
}

/** Reads a sample of some bits, highest bits of a byte first; several samples have 8 bits each. */
function sampleAt(bits: readonly number[]): (rows: Uint8Array, row: number, x: number) => number {
  const [size, samples] = [bits[0]!, bits.length];
  if (size === 8) return (rows, row, x) => rows[row + x * samples]!;
  const mask = (1 << size) - 1;
  return (rows, row, x) => (rows[row + ((x * size) >> 3)]! >> (8 - size - ((x * size) & 7))) & mask;
}

/** Grey scaled to 0 … 255. */
function greyOf({ bits, photometric }: TiffDirectory): Unpack {
  const sample = sampleAt(bits);
  const most = (1 << bits[0]!) - 1;
  const greys = Uint8Array.from({ length: most + 1 }, (_, i) => ((photometric === 0 ? most - i : i) * 255) / most);
  return (rows, row, x, rgb, to) => rgb.fill(greys[sample(rows, row, x)]!, to, to + 3);
}

/** The high bytes of a palette's colours; an index beyond them is black. */
function paletteOf({ bits, colourMap }: TiffDirectory): Unpack {
  const sample = sampleAt(bits);
  const count = 1 << bits[0]!;
  if (colourMap.length < 3 * count) throw unreadable('damaged', 'the TIFF has no colours for its palette');
  const size = Math.floor(colourMap.length / 3);
  const high = Uint8Array.from(colourMap, (value) => value >> 8);
  return (rows, row, x, rgb, to) => {
    const index = sample(rows, row, x);
    for (let colour = 0; colour < 3; colour++) rgb[to + colour] = high[index + colour * size]!;
  };
}

/** 16-bit grey is clipped to 255, as in Pillow, and never inverted. */
function clippedGrey({ bigEndian }: TiffDirectory): Unpack {
  const [high, low] = bigEndian ? [0, 1] : [1, 0];
  return (rows, row, x, rgb, to) => {
    const at = row + 2 * x;
    rgb.fill(rows[at + high]! > 0 ? 255 : rows[at + low]!, to, to + 3);
  };
}

/** The high byte of each colour; alpha is dropped, after dividing it out of premultiplied colours. */
function coloursOf({ bits, bigEndian, extra }: TiffDirectory): Unpack {
  const bytes = bits[0]! / 8;
  const pixel = bytes * bits.length;
  const high = bytes === 2 && !bigEndian ? 1 : 0;
  if (extra[0] === 1) return unmultiplied;
  return (rows, row, x, rgb, to) => {
    const at = row + x * pixel + high;
    rgb[to] = rows[at]!;
    rgb[to + 1] = rows[at + bytes]!;
    rgb[to + 2] = rows[at + 2 * bytes]!;
  };
}

/** Source: Pillow 9.4, Unpack.c, `unpackRGBa`. */
const unmultiplied: Unpack = (rows, row, x, rgb, to) => {
  const at = row + 4 * x;
  const alpha = rows[at + 3]!;
  for (let i = 0; i < 3; i++) rgb[to + i] = alpha === 0 ? 0 : Math.min(255, Math.floor((rows[at + i]! * 255) / alpha));
};

const inksOf: Unpack = (rows, row, x, rgb, to) => inksToRgb(rows, row + 4 * x, rgb, to);
