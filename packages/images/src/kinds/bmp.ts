import { startsWith, type ImageKind } from '../image-kind.ts';
import { lookUp, type Pixels } from '../pixels.ts';
import { refuseShort, refuseTooLarge, unreadable, viewBytes } from '../refusals.ts';
import { readBmpHeader, type BmpHeader, type ColourLayout } from './bmp-header.ts';

/**
 * BMP of 1, 4, 8, 16, 24 and 32 bits, from either edge, with bit fields or run lengths. Alpha is dropped, not blended.
 *
 * sharp reads no BMP, and the registry's readers (bmp-js, bmp-ts, fast-bmp) spread 5 bits over 0 … 255 otherwise than
 * Pillow and take some of its kinds for others.
 */
export const bmp: ImageKind = {
  name: 'BMP',
  matches: (bytes) => startsWith(bytes, 'BM'),
  sizeOf: (bytes) => readBmpHeader(viewBytes(bytes)),
  decode: (bytes) => {
    const file = viewBytes(bytes);
    const header = refuseShort('BMP', () => readBmpHeader(file));
    refuseTooLarge('BMP', header);
    const rows = refuseShort('BMP', () => {
      if (header.layout) return unpackColours(file, header, header.layout);
      const indices = header.runs ? decodeRuns(file, header, header.runs) : unpackIndices(file, header);
      return lookUp(header, indices, header.palette);
    });
    return header.fromTop ? rows : flipRows(rows);
  },
};

/** Red, green and blue of each pixel in the order of the file. A few bits v of at most `top` become ⌊255 · v / top⌋. */
function unpackColours(file: Buffer, header: BmpHeader, layout: ColourLayout): Pixels {
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
function unpackIndices(file: Buffer, header: BmpHeader): Uint8Array {
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

/** Bytes of a row without the padding; throws a RangeError where the rows are not all in the file. The last needs no padding. */
function rowsWithin(file: Buffer, { width, height, bits, stride, dataAt }: BmpHeader): number {
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
 * Throws OOD_IMAGE_UNREADABLE where the pairs end before the last pixel. Source: Pillow 9.4, BmpImagePlugin.py,
 * `BmpRleDecoder`; with it, a line that is full needs no end, and an end
 * right there skips no line; and of a jump the two bytes behind it are taken, as Pillow 9.4 reads it once too often.
 */
function decodeRuns(file: Buffer, { width, height, dataAt }: BmpHeader, bits: 4 | 8): Uint8Array {
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

/** The last row first. */
function flipRows({ width, height, data }: Pixels): Pixels {
  const flipped = new Uint8Array(data.length);
  const stride = width * 3;
  for (let row = 0; row < height; row++) {
    flipped.set(data.subarray(row * stride, (row + 1) * stride), (height - 1 - row) * stride);
  }
  return { width, height, data: flipped };
}
