import { refuseTooLarge, startsWith, unreadable, type ImageKind } from '../image-kind.ts';
import type { Pixels } from '../pixels.ts';
import { blockDecoder, blocksOf, type Block, type BlockDecoder } from '../tiff/blocks.ts';
import { readTiffDirectory, type TiffDirectory } from '../tiff/directory.ts';
import { decodeWithLibtiff } from '../tiff/libtiff.ts';
import { tiffRecipe } from '../tiff/recipe.ts';

/**
 * TIFF in strips or tiles, its first page: black and white, grey, palette, RGB, CMYK, with or without alpha, which is
 * dropped. Unlike for other kinds, the orientation is applied, as in Pillow.
 *
 * Decoded here and not by sharp: libvips hides errors of libtiff for damaged tiles, supports codings that Debian's libtiff, and so
 * Pillow, treats differently, and reads zeros beyond the end of the file.
 */
export const tiff: ImageKind = {
  name: 'TIFF',
  matches: (bytes) => startsWith(bytes, 'II*\0') || startsWith(bytes, 'MM\0*'),
  sizeOf: readTiffDirectory,
  decode: async (bytes) => {
    const directory = readTiffDirectory(bytes);
    refuseTooLarge('TIFF', directory);
    return orient(await readTiff(bytes, directory), directory.orientation);
  },
};

/** A tile is decoded whole: it may be larger than the picture, but not by more than this many pixels. */
const largestTile = 1 << 22;
/** Compressions whose blocks are complete files: JPEG and WebP. */
const files = [7, 50001];
/** Unsupported compressions, listed only to name them in errors. */
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
 * The pixels of a TIFF's first page, decoded block by block. In addition, only one block is in memory or, with separate blocks per
 * sample, the samples of the picture.
 *
 * Throws OOD_IMAGE_UNREADABLE as soon as a block cannot be decoded.
 */
async function readTiff(file: Uint8Array, directory: TiffDirectory): Promise<Pixels> {
  const place = tiffRecipe(directory);
  const { width, height, tile, compression } = directory;
  if (tile && !(tile.height > 0 && tile.width * tile.height <= Math.max(width * height, largestTile))) {
    throw unreadable('damaged', `the TIFF has tiles of ${tile.width} × ${tile.height} pixels`);
  }
  const decoder = blockDecoder(file, directory);
  if (!decoder && !files.includes(compression)) {
    const name = names[compression] ?? `compression ${compression}`;
    throw unreadable('foreign', `a TIFF of ${name} is not supported`);
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
  // One buffer for all blocks, as in programs using libtiff: parts not filled by a damaged block keep the previous data.
  const buffer = new Uint8Array(blocks[0]!.stride * blocks[0]!.height);
  for (const block of blocks) {
    const rows = buffer.subarray(0, block.stride * block.height);
    await decoder(block, rows);
    use(rows, block);
  }
}

/** Interleaves the samples of a picture with separate blocks per sample. */
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

/**
 * Rotates and mirrors a picture by its orientation, 1 to 8 as in EXIF: 2 mirrored, 3 half a turn, 4 upside
 * down, 5 transposed, 6 a quarter turn to the right, 7 transposed along the other diagonal, 8 a quarter turn to the left.
 */
function orient(pixels: Pixels, orientation: number): Pixels {
  if (!(orientation >= 2 && orientation <= 8)) return pixels;
  const { width, height, data } = pixels;
  const transposed = orientation >= 5;
  const fromRight = [2, 3, 7, 8].includes(orientation);
  const fromBottom = [3, 4, 6, 7].includes(orientation);
  const turned = {
    width: transposed ? height : width,
    height: transposed ? width : height,
    data: new Uint8Array(data.length),
  };
  let to = 0;
  for (let row = 0; row < turned.height; row++) {
    for (let column = 0; column < turned.width; column++, to += 3) {
      const [x, y] = transposed ? [row, column] : [column, row];
      const from = ((fromBottom ? height - 1 - y : y) * width + (fromRight ? width - 1 - x : x)) * 3;
      turned.data[to] = data[from]!;
      turned.data[to + 1] = data[from + 1]!;
      turned.data[to + 2] = data[from + 2]!;
    }
  }
  return turned;
}
