import { unreadable } from '../refusals.ts';
import type { BmpHeader } from '../kinds/bmp-header.ts';

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
export function decodeRuns(file: Buffer, { width, height, dataAt }: BmpHeader, bits: 4 | 8): Uint8Array {
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
