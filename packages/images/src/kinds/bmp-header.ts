import type { Size } from '../resized-size.ts';
import { unreadable } from '../refusals.ts';
import { readBmpPalette } from '../bmp/bmp-palette.ts';
import { colourLayout, type ColourLayout } from '../bmp/colour-layout.ts';

/** What a BMP says before its pixels. */
export interface BmpHeader extends Size {
  /** Whether the first row is the top one; it is the bottom one in most files. */
  readonly fromTop: boolean;
  /** Bits from a pixel to the next, and bytes from a row to the next. */
  readonly bits: number;
  readonly stride: number;
  readonly dataAt: number;
  /** Where red, green and blue lie in a pixel; absent where it is an index into the palette. */
  readonly layout: ColourLayout | undefined;
  readonly palette: Uint8Array;
  /** How many bits an index in run lengths has, if the picture is coded so. */
  readonly runs: 4 | 8 | undefined;
}

const infoAt = 14;
/** Sizes of the second header: OS/2's first, and those that begin alike. */
const core = 12;
const known = [core, 40, 64, 108, 124];
const compressions = { rle8: 1, rle4: 2, fields: 3 };

const notRead = (what: string) => unreadable('foreign', `a BMP ${what} is not read`);

/**
 * Reads the two headers and the palette.
 *
 * Throws OOD_IMAGE_UNREADABLE by name for what Pillow does not read, and a RangeError where the file ends before.
 * Source: Pillow 9.4, BmpImagePlugin.py, `_bitmap`.
 */
export function readBmpHeader(file: Buffer): BmpHeader {
  const size = file.readUInt32LE(infoAt);
  if (!known.includes(size)) throw notRead(`with a header of ${size} bytes`);
  const picture = size === core ? readCore(file) : readInfo(file);
  const { width, bits, compression } = picture;
  if (compression > compressions.fields) throw notRead(`of compression ${compression}`);
  const runs = compression === compressions.rle8 ? 8 : compression === compressions.rle4 ? 4 : undefined;
  const stride = Math.floor((width * bits + 31) / 32) * 4;
  const start = file.readUInt32LE(10);
  if (bits === 1 || bits === 4 || bits === 8) {
    if (compression === compressions.fields) throw notRead(`of ${bits} bits with bit fields`);
    const paletteAt = infoAt + size;
    const palette = readBmpPalette(file, paletteAt, picture.colours || 1 << bits, size === core ? 3 : 4);
    const dataAt = start === paletteAt ? start + 4 * palette.count : start || palette.end;
    if (runs && palette.bits === 1) throw notRead('of black and white in run lengths');
    return {
      ...picture,
      stride,
      dataAt,
      bits: palette.bits ?? bits,
      layout: undefined,
      palette: palette.colours,
      runs,
    };
  }
  if (runs) throw notRead(`of ${bits} bits in run lengths`);
  const { layout, end } = colourLayout(file, size, bits, compression === compressions.fields);
  return { ...picture, stride, dataAt: start || end, layout, palette: new Uint8Array(0), runs };
}

/** The header that OS/2 wrote first. */
const readCore = (file: Buffer) => ({
  width: file.readUInt16LE(18),
  height: file.readUInt16LE(20),
  fromTop: false,
  bits: file.readUInt16LE(24),
  compression: 0,
  colours: 0,
});

/** The header of Windows and all that begin like it. A height below zero means that the first row is the top one. */
function readInfo(file: Buffer) {
  const fromTop = file.readUInt8(25) === 0xff;
  const height = file.readUInt32LE(22);
  return {
    width: file.readUInt32LE(18),
    height: fromTop ? 2 ** 32 - height : height,
    fromTop,
    bits: file.readUInt16LE(28),
    compression: file.readUInt32LE(30),
    colours: file.readUInt32LE(46),
  };
}
