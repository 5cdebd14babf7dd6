import { unreadable } from '../refusals.ts';

/** Where a colour lies in a pixel: a byte of its own, or a few bits of sixteen. */
export type ColourLayout =
  | { readonly bytes: readonly [number, number, number] }
  | { readonly shifts: readonly [number, number, number]; readonly tops: readonly [number, number, number] };

const bgr = { bytes: [2, 1, 0] } as const;
const of555 = { shifts: [10, 5, 0], tops: [31, 31, 31] } as const;
const of565 = { shifts: [11, 5, 0], tops: [31, 63, 31] } as const;

const plain: Readonly<Record<number, ColourLayout>> = { 16: of555, 24: bgr, 32: bgr };

/** By bits and masks, those that Pillow reads; of 32 bits the mask of alpha counts too. */
const masked: Readonly<Record<string, ColourLayout>> = {
  '32 ff0000 ff00 ff 0': bgr,
  '32 ff000000 ff0000 ff00 0': { bytes: [3, 2, 1] },
  '32 ff000000 ff0000 ff00 ff': { bytes: [3, 2, 1] },
  '32 ff ff00 ff0000 ff000000': { bytes: [0, 1, 2] },
  '32 ff0000 ff00 ff ff000000': bgr,
  '32 0 0 0 0': bgr,
  '24 ff0000 ff00 ff': bgr,
  '16 f800 7e0 1f': of565,
  '16 7c00 3e0 1f': of555,
};

const masksAt = 54;

/**
 * The layout of pixels without a palette, and where the headers end. A header of 40 bytes is followed by three masks;
 * the longer ones hold four.
 */
export function colourLayout(
  file: Buffer,
  headerSize: number,
  bits: number,
  fields: boolean,
): { layout: ColourLayout; end: number } {
  const end = 14 + headerSize;
  const masks = fields ? [0, 1, 2].map((i) => file.readUInt32LE(masksAt + 4 * i)) : [];
  if (fields && bits === 32) masks.push(headerSize === 40 ? 0 : file.readUInt32LE(masksAt + 12));
  const name = [bits, ...masks.map((mask) => mask.toString(16))].join(' ');
  const layout = fields ? masked[name] : plain[bits];
  if (!layout) throw unreadable('foreign', `a BMP of ${bits} bits${fields ? ' with these masks' : ''} is not read`);
  return { layout, end: headerSize === 40 && fields ? end + 12 : end };
}
