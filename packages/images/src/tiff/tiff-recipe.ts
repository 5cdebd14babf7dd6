import { unreadable } from '../unreadable.ts';
import type { TiffDirectory } from './directory.ts';

/** How the pixels become RGB. */
export type TiffRecipe = 'rgb' | 'grey16' | 'cmyk';

/**
 * By photometric interpretation, bits and extra samples. Pillow reads more: floats, 12 and 32 bits, signed numbers, LAB,
 * CMYK and premultiplied alpha of 16 bits. These are refused, since the recipes give other pixels there.
 */
const layouts: readonly [TiffRecipe, RegExp][] = [
  ['rgb', /^(white|black)-is-zero grey of (1|2|4|8) bits$/],
  ['rgb', /^black-is-zero grey of 8\+8 bits with alpha$/],
  ['rgb', /^RGB of (8\+8\+8|16\+16\+16|8\+8\+8\+8|16\+16\+16\+16) bits$/],
  ['rgb', /^RGB of (8\+8\+8\+8|16\+16\+16\+16) bits with (a spare sample|alpha)$/],
  ['rgb', /^RGB of 8\+8\+8\+8 bits with premultiplied alpha$/],
  ['rgb', /^palette of (1|2|4|8) bits$/],
  ['rgb', /^palette of 8\+8 bits with alpha$/],
  ['rgb', /^YCbCr of 8\+8\+8 bits as JPEG$/],
  ['grey16', /^(white|black)-is-zero grey of 16 bits$/],
  ['cmyk', /^CMYK of 8\+8\+8\+8 bits$/],
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

/** The recipe of a TIFF. Throws OOD_IMAGE_UNREADABLE, with its layout in words, where there is none. */
export function tiffRecipe(directory: TiffDirectory): TiffRecipe {
  const words = describe(directory);
  const recipe = layouts.find(([, layout]) => layout.test(words))?.[0];
  // No decoder that Pillow uses reads 16-bit grey of this kind from the other byte order.
  const foreign = recipe === 'grey16' && directory.bigEndian && directory.photometric === 0;
  if (!recipe || foreign) throw unreadable('foreign', `a TIFF with ${words} is not read`);
  return recipe;
}

function describe({ photometric, bits, extra, sampleFormat, compression }: TiffDirectory): string {
  const format = sampleFormat === 1 ? '' : ` ${formats[sampleFormat] ?? `format-${sampleFormat}`}`;
  const colour = colours[photometric] ?? `photometric interpretation ${photometric}`;
  const more = extra.map((each) => ` with ${extras[each] ?? `extra sample ${each}`}`).join('');
  const coding = compression === oldJpeg ? ' as old JPEG' : photometric === 6 && compression === jpeg ? ' as JPEG' : '';
  return `${colour} of ${bits.join('+')}${format} bits${more}${coding}`;
}
