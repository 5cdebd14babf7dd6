import { bmp } from './kinds/bmp.ts';
import { gif } from './kinds/gif.ts';
import type { ImageKind } from './kinds/image-kind.ts';
import { jpeg } from './kinds/jpeg.ts';
import { nameForeignKind } from './kinds/name-foreign-kind.ts';
import { png } from './kinds/png.ts';
import { tiff } from './kinds/tiff.ts';
import { webp } from './kinds/webp.ts';
import type { Pixels } from './pixels.ts';
import { unreadable } from './refusals.ts';

const kinds: readonly ImageKind[] = [jpeg, png, webp, gif, bmp, tiff];

/**
 * How many pixels a file announces, by its header alone; 0 where it is no image that is read. What is announced is not
 * believed: it only decides when the file's turn is.
 */
export function announcedPixels(bytes: Uint8Array): number {
  try {
    const size = kinds.find(({ matches }) => matches(bytes))?.sizeOf(bytes);
    return size ? size.width * size.height : 0;
  } catch {
    return 0; // decoding says what is wrong
  }
}

/**
 * Decodes an image file to the pixels that Pillow 9.4 gives after `convert('RGB')`, bit for bit. The kind is told by
 * the file's signature.
 *
 * Throws OOD_IMAGE_UNREADABLE when the file is damaged, cut short, larger than Pillow's pixel limit, or of another kind.
 */
export async function decode(bytes: Uint8Array): Promise<Pixels> {
  const kind = kinds.find(({ matches }) => matches(bytes));
  if (kind) return kind.decode(bytes);
  if (bytes.length === 0) throw unreadable('damaged', 'the file is empty');
  const readable = new Intl.ListFormat('en').format(kinds.map(({ name }) => name));
  const foreign = nameForeignKind(bytes);
  if (foreign) throw unreadable('foreign', `${foreign} is not read, only ${readable} are`);
  throw unreadable('damaged', `the file is not an image of a known kind; only ${readable} are read`);
}
