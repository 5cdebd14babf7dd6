import type { BmpHeader } from '../kinds/bmp-header.ts';

/** Bytes of a row without the padding; throws a RangeError where the rows are not all in the file. The last needs no padding. */
export function rowsWithin(file: Buffer, { width, height, bits, stride, dataAt }: BmpHeader): number {
  const used = Math.ceil((width * bits) / 8);
  if (used > stride || dataAt + (height - 1) * stride + used > file.length) {
    throw new RangeError('the BMP ends in its pixels');
  }
  return used;
}
