import type { Size } from '../resized-size.ts';
import type { TiffDirectory } from './directory.ts';

/** A strip or tile: what of the picture it holds, where its bytes stand. */
export interface Block extends Size {
  readonly left: number;
  readonly top: number;
  /** Which of the samples it holds, where they are apart; 0 where a block holds all. */
  readonly plane: number;
  /** Undefined where the file does not say. */
  readonly offset: number | undefined;
  readonly count: number;
  /** Bytes of a row. */
  readonly stride: number;
}

/** How many samples of a pixel a block holds. */
export const samplesOf = ({ planar, bits }: TiffDirectory): number => (planar ? 1 : bits.length);

/** All blocks of a picture, in the order of the file's lists: planes, and in each rows from the top. */
export function blocksOf(directory: TiffDirectory): Block[] {
  const { width, height, tile, rowsPerStrip, bits, planar, offsets, counts } = directory;
  const size = tile ?? { width, height: Math.min(height, Math.max(1, rowsPerStrip)) };
  const stride = Math.ceil((size.width * samplesOf(directory) * bits[0]!) / 8);
  const blocks: Block[] = [];
  for (let plane = 0; plane < (planar ? bits.length : 1); plane++) {
    for (let top = 0; top < height; top += size.height) {
      for (let left = 0; left < width; left += size.width) {
        const number = blocks.length;
        const rows = tile ? size.height : Math.min(size.height, height - top);
        const place = { left, top, plane, width: size.width, height: rows, stride };
        blocks.push({ ...place, offset: offsets[number], count: counts[number] ?? 0 });
      }
    }
  }
  return blocks;
}
