import type { Pixels } from '../pixels.ts';
import { decodeCmyk, decodeRgb } from '../sharp-decoder.ts';
import { type Block, contentOf } from './blocks.ts';
import type { TiffDirectory } from './directory.ts';

const [cmyk, grey, rgb, ycbcr] = [5, 1, 2, 6];

/**
 * Decodes a block that is a complete image file, and writes it to its place. Passes it to libtiff as a TIFF with one strip, because
 * libvips reports libtiff's errors for strips, but not for tiles.
 *
 * Throws OOD_IMAGE_UNREADABLE.
 */
export async function decodeWithLibtiff(
  file: Uint8Array,
  block: Block,
  directory: TiffDirectory,
  pixels: Pixels,
): Promise<void> {
  const bytes = stripOf(contentOf(file, block), block, directory);
  const decode = directory.photometric === cmyk && !directory.planar ? decodeCmyk : decodeRgb;
  const { data } = await decode({ kind: 'TIFF', bytes });
  const columns = Math.min(block.width, pixels.width - block.left);
  const rows = Math.min(block.height, pixels.height - block.top);
  for (let y = 0; y < rows; y++) {
    const from = y * block.width * 3;
    const to = ((block.top + y) * pixels.width + block.left) * 3;
    if (!directory.planar) pixels.data.set(data.subarray(from, from + columns * 3), to);
    else if (block.plane < 3) {
      for (let x = 0; x < columns; x++) pixels.data[to + 3 * x + block.plane] = data[from + 3 * x]!;
    }
  }
}

type Tag = readonly [number: number, type: 3 | 4 | 7, values: readonly number[]];
const sizes = { 3: 2, 4: 4, 7: 1 };

/** A TIFF with one strip: the directory, values that do not fit into it, the content. */
function stripOf(content: Uint8Array, { width, height }: Block, directory: TiffDirectory): Uint8Array {
  const { bits, compression, photometric, planar, extra, jpegTables, sampling } = directory;
  const samples = planar ? 1 : bits.length;
  const tags: Tag[] = [
    [256, 4, [width]],
    [257, 4, [height]],
    [258, 3, bits.slice(0, samples)],
    [259, 3, [compression]],
    [262, 3, [planar && (photometric === rgb || photometric === ycbcr) ? grey : photometric]],
    [273, 4, [0]],
    [277, 3, [samples]],
    [278, 4, [height]],
    [279, 4, [content.length]],
    ...(extra.length > 0 && !planar ? [[338, 3, extra] as const] : []),
    ...(jpegTables.length > 0 ? [[347, 7, jpegTables] as const] : []),
    ...(sampling.length > 0 && !planar ? [[530, 3, sampling] as const] : []),
  ];
  const end = 8 + 2 + 12 * tags.length + 4;
  const beyond = tags.map(([, type, values]) => (values.length * sizes[type] > 4 ? values.length * sizes[type] : 0));
  const dataAt = end + beyond.reduce((sum, length) => sum + length, 0);
  const file = Buffer.alloc(dataAt + content.length);
  file.write('II*\0\x08\0\0\0', 'latin1');
  file.writeUInt16LE(tags.length, 8);
  let free = end;
  tags.forEach(([number, type, values], i) => {
    const at = 10 + 12 * i;
    file.writeUInt16LE(number, at);
    file.writeUInt16LE(type, at + 2);
    file.writeUInt32LE(values.length, at + 4);
    const pointed = beyond[i]! > 0;
    if (pointed) file.writeUInt32LE(free, at + 8);
    (number === 273 ? [dataAt] : values).forEach((value, j) => {
      file.writeUIntLE(value, (pointed ? free : at + 8) + j * sizes[type], sizes[type]);
    });
    free += beyond[i]!;
  });
  file.set(content, dataAt);
  return file;
}
