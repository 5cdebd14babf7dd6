import { refuseShort, refuseTooLarge, startsWith, unreadable, viewBytes, type ImageKind } from '../image-kind.ts';
import { fullPalette, lookUp, type Pixels, type Size } from '../pixels.ts';

/**
 * BMP of 1, 4, 8, 16, 24 and 32 bits, from either edge, with bit fields or run lengths. Alpha is dropped, not blended.
 *
 * sharp does not support BMP. The readers in the registry (bmp-js, bmp-ts, fast-bmp) expand 5 bits to 0 … 255 differently from
 * Pillow and confuse some kinds.
 */
export const bmp: ImageKind = {
  name: 'BMP',
  matches: (bytes) => startsWith(bytes, 'BM'),
  sizeOf: (bytes) => readHeader(viewBytes(bytes)),
  decode: (bytes) => {
    const file = viewBytes(bytes);
    const header = refuseShort('BMP', () => readHeader(file));
    refuseTooLarge('BMP', header);
    const rows = refuseShort('BMP', () => {
      if (header.layout) return unpackColours(file, header, header.layout);
      const indices = header.runs ? decodeRuns(file, header, header.runs) : unpackIndices(file, header);
      return lookUp(header, indices, header.palette);
    });
    return header.fromTop ? rows : flipRows(rows);
  },
};

/** The header of a BMP. */
interface Header extends Size {
  /** Whether the first row is the top one; in most files it is the bottom one. */
  readonly fromTop: boolean;
  /** Bits per pixel, and bytes per row. */
  readonly bits: number;
  readonly stride: number;
  readonly dataAt: number;
  /** The positions of red, green and blue in a pixel; undefined if pixels are palette indices. */
  readonly layout: ColourLayout | undefined;
  readonly palette: Uint8Array;
  /** The bits of an index in run-length coding, if used. */
  readonly runs: 4 | 8 | undefined;
}

/** The position of a colour in a pixel: a byte, or some of sixteen bits. */
type ColourLayout =
  | { readonly bytes: readonly [number, number, number] }
  | { readonly shifts: readonly [number, number, number]; readonly tops: readonly [number, number, number] };

const infoAt = 14;
/** Sizes of the second header: OS/2's original one, and those that start alike. */
const core = 12;
const known = [core, 40, 64, 108, 124];
const compressions = { rle8: 1, rle4: 2, fields: 3 };

const notRead = (what: string) => unreadable('foreign', `a BMP ${what} is not supported`);

/**
 * Reads the two headers and the palette.
 *
 * Throws OOD_IMAGE_UNREADABLE, with a name, for what Pillow does not support, and a RangeError if the file ends too early.
 * Source: Pillow 9.4, BmpImagePlugin.py, `_bitmap`.
 */
function readHeader(file: Buffer): Header {
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
    const palette = readPalette(file, paletteAt, picture.colours || 1 << bits, size === core ? 3 : 4);
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

/** The original OS/2 header. */
const readCore = (file: Buffer) => ({
  width: file.readUInt16LE(18),
  height: file.readUInt16LE(20),
  fromTop: false,
  bits: file.readUInt16LE(24),
  compression: 0,
  colours: 0,
});

/** The Windows header and all that start like it. A negative height means that the first row is the top one. */
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

/** The palette of a BMP. */
interface Palette {
  /** 256 colours, three bytes each. */
  readonly colours: Uint8Array;
  /** How many colours the file has, and where they end. */
  readonly count: number;
  readonly end: number;
  /** The bits per pixel that override the header: one for black and white, eight for other greys. */
  readonly bits: 1 | 8 | undefined;
}

/**
 * Reads a palette of `count` colours, blue first, `size` bytes each.
 *
 * If a palette is the ramp of greys, Pillow assumes eight bits per pixel, or one with two colours, and ignores the header. For
 * files of four bits this is a bug, which is reproduced here because networks are given these pixels.
 */
function readPalette(file: Buffer, at: number, count: number, size: 3 | 4): Palette {
  const end = at + count * size;
  if (count > 65_536 || end > file.length) throw unreadable('damaged', 'the BMP ends in its palette');
  const greys = count === 2 ? [0, 255] : Array.from({ length: count }, (_, i) => i & 255);
  const grey = greys.every((value, i) => [0, 1, 2].every((colour) => file[at + i * size + colour] === value));
  if (grey && count === 2) return { colours: fullPalette(Uint8Array.of(0, 0, 0, 255, 255, 255)), count, end, bits: 1 };
  if (grey) return { colours: fullPalette(new Uint8Array(0)), count, end, bits: 8 };
  if (count > 256) throw unreadable('damaged', `the BMP has a palette of ${count} colours`);
  const colours = Uint8Array.from({ length: 3 * count }, (_, i) => file[at + Math.floor(i / 3) * size + 2 - (i % 3)]!);
  return { colours: fullPalette(colours), count, end, bits: undefined };
}

/**
 * The layout of pixels without a palette, and where the headers end. A header of 40 bytes is followed by three masks;
 * the longer ones hold four.
 */
function colourLayout(
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
  if (!layout)
    throw unreadable('foreign', `a BMP of ${bits} bits${fields ? ' with these masks' : ''} is not supported`);
  return { layout, end: headerSize === 40 && fields ? end + 12 : end };
}

const bgr = { bytes: [2, 1, 0] } as const;
const of555 = { shifts: [10, 5, 0], tops: [31, 31, 31] } as const;
const of565 = { shifts: [11, 5, 0], tops: [31, 63, 31] } as const;

const plain: Readonly<Record<number, ColourLayout>> = { 16: of555, 24: bgr, 32: bgr };

/** The layouts supported by Pillow, by bits and masks; for 32 bits, the alpha mask counts too. */
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

/** Red, green and blue of each pixel in the order of the file. A few bits v of at most `top` become ⌊255 · v / top⌋. */
function unpackColours(file: Buffer, header: Header, layout: ColourLayout): Pixels {
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

/** The palette index of each pixel in the order of the file; the highest bits of a byte come first. */
function unpackIndices(file: Buffer, header: Header): Uint8Array {
  const { width, height, bits, stride, dataAt } = header;
  rowsWithin(file, header);
  const indices = new Uint8Array(width * height);
  const [each, top] = [8 / bits, (1 << bits) - 1];
  for (let row = 0, to = 0; row < height; row++) {
    const start = dataAt + row * stride;
    for (let x = 0; x < width; x++) {
      const shift = 8 - bits * ((x % each) + 1);
      indices[to++] = (file[start + Math.floor(x / each)]! >> shift) & top;
    }
  }
  return indices;
}

/** Bytes of a row without padding; throws a RangeError if rows are missing in the file. The last row needs no padding. */
function rowsWithin(file: Buffer, { width, height, bits, stride, dataAt }: Header): number {
  const used = Math.ceil((width * bits) / 8);
  if (used > stride || dataAt + (height - 1) * stride + used > file.length) {
    throw new RangeError('the BMP ends in its pixels');
  }
  return used;
}

const endOfLine = 0;
const endOfPicture = 1;
const delta = 2;

/**
 * The palette index of each pixel in the order of the file, from pairs of bytes: a count and what is repeated, or zero and
 * one of: end of line, end of the picture, a jump (right, up), a number of pixels that follow one by one.
 *
 * Throws OOD_IMAGE_UNREADABLE if the pairs end before the last pixel. Source: Pillow 9.4, BmpImagePlugin.py, `BmpRleDecoder`. As
 * there, a full line needs no end marker, and an end marker right after it skips no line; and a jump uses the two bytes after it,
 * because Pillow 9.4 reads once too often.
 */
function decodeRuns(file: Buffer, { width, height, dataAt }: Header, bits: 4 | 8): Uint8Array {
  const indices = new Uint8Array(width * height);
  let [at, to, x] = [dataAt, 0, 0];
  while (to < indices.length && at + 2 <= file.length) {
    const [count, value] = [file[at]!, file[at + 1]!];
    at += 2;
    if (count > 0) {
      const fitting = Math.min(count, Math.max(0, width - x));
      for (let i = 0; i < fitting; i++) indices[to + i] = bits === 8 ? value : (value >> (i % 2 ? 0 : 4)) & 15;
      to += fitting;
      x += fitting;
    } else if (value === endOfLine) {
      to = Math.ceil(to / width) * width;
      x = 0;
    } else if (value === endOfPicture) break;
    else if (value === delta) {
      if (at + 4 > file.length) break;
      to += file[at + 2]! + file[at + 3]! * width;
      x = to % width;
      at += 4;
    } else {
      const bytes = file.subarray(at, at + (bits === 8 ? value : value >> 1));
      for (const byte of bytes) {
        if (bits === 4) indices[to++] = byte >> 4;
        indices[to++] = bits === 8 ? byte : byte & 15;
      }
      at += bytes.length;
      x += value;
      at += at % 2;
    }
  }
  if (to < indices.length) throw unreadable('damaged', 'the BMP ends before its last pixel');
  return indices;
}

/** Reverses the order of rows. */
function flipRows({ width, height, data }: Pixels): Pixels {
  const flipped = new Uint8Array(data.length);
  const stride = width * 3;
  for (let row = 0; row < height; row++) {
    flipped.set(data.subarray(row * stride, (row + 1) * stride), (height - 1 - row) * stride);
  }
  return { width, height, data: flipped };
}
