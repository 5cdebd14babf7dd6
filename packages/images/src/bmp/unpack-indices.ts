import type { BmpHeader } from '../kinds/bmp-header.ts';
import { rowsWithin } from './rows-within.ts';

/** The palette index of each pixel in the order of the file; the highest bits of a byte come first. */
export function unpackIndices(file: Buffer, header: BmpHeader): Uint8Array {
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
