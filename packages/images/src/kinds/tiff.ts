import { decodeCmyk } from '../decode-cmyk.ts';
import { decodeGrey16 } from '../decode-grey16.ts';
import { decodeRgb } from '../decode-rgb.ts';
import { refuseTooLarge } from '../refuse-too-large.ts';
import { readTiffDirectory } from '../tiff/directory.ts';
import { refuseBlocks } from '../tiff/refuse-blocks.ts';
import { repair } from '../tiff/repair.ts';
import { tiffRecipe } from '../tiff/tiff-recipe.ts';
import type { ImageKind } from './image-kind.ts';
import { startsWith } from './starts-with.ts';

const recipes = { rgb: decodeRgb, grey16: decodeGrey16, cmyk: decodeCmyk };

/**
 * TIFF in strips or tiles, its first page: black and white, grey, palette, RGB, CMYK, with or without alpha, which is
 * dropped. Unlike in other kinds, the orientation is obeyed, as Pillow does. The directory is read here first, because
 * libtiff takes what lies beyond the end of the file for zeros and trusts the sizes of tiles.
 */
export const tiff: ImageKind = {
  name: 'TIFF',
  matches: (bytes) => startsWith(bytes, 'II*\0') || startsWith(bytes, 'MM\0*'),
  decode: async (bytes) => {
    const directory = readTiffDirectory(bytes);
    refuseTooLarge('TIFF', directory);
    const recipe = tiffRecipe(directory);
    refuseBlocks(directory, bytes.length);
    return recipes[recipe]({ kind: 'TIFF', bytes: repair(bytes, directory), oriented: true });
  },
};
