import { unreadable } from '../unreadable.ts';
import type { TiffDirectory } from './directory.ts';

/** A tile is decoded whole: it may be larger than the picture, but not by more than this many pixels. */
const largestTile = 1 << 22;

/** Throws OOD_IMAGE_UNREADABLE where a strip or tile is not all in the file, or a tile has no sense. */
export function refuseBlocks({ width, height, tile, offsets, counts }: TiffDirectory, fileLength: number): void {
  if (tile && tile.width * tile.height > Math.max(width * height, largestTile)) {
    throw unreadable('damaged', `the TIFF has tiles of ${tile.width} × ${tile.height} pixels`);
  }
  const short = offsets.length === 0 || offsets.some((offset, i) => !(offset + counts[i]! <= fileLength));
  if (short) throw unreadable('damaged', 'the TIFF ends before its last pixel');
}
