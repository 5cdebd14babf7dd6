import type { Pixels } from '../pixels.ts';
import { unreadable } from '../refusals.ts';
import { type Block, blocksOf } from './blocks.ts';
import { blockDecoder, type BlockDecoder } from './decode-block.ts';
import { decodeWithLibtiff } from './decode-with-libtiff.ts';
import type { TiffDirectory } from './directory.ts';
import { tiffRecipe } from './tiff-recipe.ts';

/** A tile is decoded whole: it may be larger than the picture, but not by more than this many pixels. */
const largestTile = 1 << 22;
/** Compressions whose blocks are files of their own: JPEG and WebP. */
const files = [7, 50001];
/** Compressions that are known only so that the refusal can name them. */
const names: Readonly<Record<number, string>> = {
  32766: 'NeXT',
  32809: 'ThunderScan',
  34661: 'JBIG',
  34676: 'SGI Log',
  34677: 'SGI Log24',
  34712: 'JPEG 2000',
  34887: 'LERC',
  34925: 'LZMA',
  50002: 'JPEG XL',
};

/**
 * The pixels of a TIFF's first page, block by block. Beside them only one block lies in memory, or, where each sample has
 * blocks of its own, the picture's samples.
 *
 * Throws OOD_IMAGE_UNREADABLE as soon as a block cannot be decoded.
 */
export async function readTiff(file: Uint8Array, directory: TiffDirectory): Promise<Pixels> {
  const place = tiffRecipe(directory);
  const { width, height, tile, compression } = directory;
  if (tile && !(tile.height > 0 && tile.width * tile.height <= Math.max(width * height, largestTile))) {
    throw unreadable('damaged', `the TIFF has tiles of ${tile.width} × ${tile.height} pixels`);
  }
  const decoder = blockDecoder(file, directory);
  if (!decoder && !files.includes(compression)) {
    const name = names[compression] ?? `compression ${compression}`;
    throw unreadable('foreign', `a TIFF of ${name} is not read`);
  }
  const blocks = blocksOf(directory, file.length);
  const pixels = { width, height, data: new Uint8Array(width * height * 3) };
  if (!decoder) for (const block of blocks) await decodeWithLibtiff(file, block, directory, pixels);
  else if (directory.planar) place(...(await interleaved(decoder, blocks, directory)), pixels);
  else await decodeEach(decoder, blocks, (rows, block) => place(rows, block, pixels));
  return pixels;
}

async function decodeEach(
  decoder: BlockDecoder,
  blocks: readonly Block[],
  use: (rows: Uint8Array, block: Block) => void,
): Promise<void> {
  // One buffer for all blocks, as in libtiff's users: what a damaged block does not fill is what was there before.
  const buffer = new Uint8Array(blocks[0]!.stride * blocks[0]!.height);
  for (const block of blocks) {
    const rows = buffer.subarray(0, block.stride * block.height);
    await decoder(block, rows);
    use(rows, block);
  }
}

/** The samples of a picture whose samples have blocks of their own, as one block that holds them side by side. */
async function interleaved(
  decoder: BlockDecoder,
  blocks: readonly Block[],
  { width, height, bits }: TiffDirectory,
): Promise<[Uint8Array, Block]> {
  const bytes = bits[0]! / 8;
  const pixel = bytes * bits.length;
  const all = new Uint8Array(width * height * pixel);
  await decodeEach(decoder, blocks, (rows, block) => {
    const columns = Math.min(block.width, width - block.left);
    const bottom = Math.min(block.height, height - block.top);
    for (let y = 0; y < bottom; y++) {
      const from = y * block.stride;
      const to = ((block.top + y) * width + block.left) * pixel + block.plane * bytes;
      for (let x = 0; x < columns; x++) {
        for (let byte = 0; byte < bytes; byte++) all[to + x * pixel + byte] = rows[from + x * bytes + byte]!;
      }
    }
  });
  return [all, { ...blocks[0]!, left: 0, top: 0, plane: 0, width, height, stride: width * pixel }];
}
