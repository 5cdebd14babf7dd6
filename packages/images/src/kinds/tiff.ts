import { refuseTooLarge } from '../refuse-too-large.ts';
import { readTiffDirectory } from '../tiff/directory.ts';
import { orient } from '../tiff/orient.ts';
import { readTiff } from '../tiff/read-tiff.ts';
import type { ImageKind } from './image-kind.ts';
import { startsWith } from './starts-with.ts';

/**
 * TIFF in strips or tiles, its first page: black and white, grey, palette, RGB, CMYK, with or without alpha, which is
 * dropped. Unlike in other kinds, the orientation is obeyed, as Pillow does.
 *
 * Read here and not by sharp: libvips swallows what libtiff says of damaged tiles, reads codings of which Debian's
 * libtiff, and so Pillow, judges otherwise, and takes what lies beyond the end of the file for zeros.
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
