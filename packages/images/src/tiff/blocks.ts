import type { Size } from '../resized-size.ts';
import type { TiffDirectory } from './directory.ts';

/** A strip or tile: what of the picture it holds, where its bytes stand. */
export interface Block extends Size {
  readonly left: number;
  readonly top: number;
  /** Which of the samples it holds, where they are apart; 0 where a block holds all. */
  readonly plane: number;
  readonly offset: number;
  readonly count: number;
  /** Bytes of a row. */
  readonly stride: number;
}

/** How many samples of a pixel a block holds. */
export const samplesOf = ({ planar, bits }: TiffDirectory): number => (planar ? 1 : bits.length);

/** The blocks of a picture that the file lists, in the order of the file's lists: planes, and in each rows from the top. */
export function blocksOf(directory: TiffDirectory, fileLength: number): Block[] {
  const { width, height, tile, rowsPerStrip, bits, planar, offsets, counts } = directory;
  const size = tile ?? { width, height: Math.min(height, Math.max(1, rowsPerStrip)) };
  const stride = Math.ceil((size.width * samplesOf(directory) * bits[0]!) / 8);
  const blocks: Block[] = [];
  for (let plane = 0; plane < (planar ? bits.length : 1); plane++) {
    for (let top = 0; top < height; top += size.height) {
      for (let left = 0; left < width; left += size.width) {
        const number = blocks.length;
        // No more than the file lists: a picture of tiles of one pixel would have as many blocks as pixels.
        if (number === offsets.length) return blocks;
        const rows = tile ? size.height : Math.min(size.height, height - top);
        const place = { left, top, plane, width: size.width, height: rows, stride };
        blocks.push({ ...place, offset: offsets[number]!, count: counts[number] ?? 0 });
      }
    }
  }
  // A single block without a length may reach to the end of the file, as for libtiff.
  const [only, second] = blocks;
  if (only && !second && only.count === 0) {
    return [{ ...only, count: Math.max(0, fileLength - only.offset) }];
  }
  return blocks;
}

/** How many blocks the picture should have. */
export function blockCount({ width, height, tile, rowsPerStrip, planar, bits }: TiffDirectory): number {
  const across = tile ? Math.ceil(width / tile.width) : 1;
  const down = Math.ceil(height / (tile ? tile.height : Math.max(1, rowsPerStrip)));
  return across * down * (planar ? bits.length : 1);
}
