import { startsWith, unreadable, type ImageKind } from './image-kind.ts';
import { bmp } from './kinds/bmp.ts';
import { gif } from './kinds/gif.ts';
import { jpeg } from './kinds/jpeg.ts';
import { png } from './kinds/png.ts';
import { tiff } from './kinds/tiff.ts';
import { webp } from './kinds/webp.ts';
import type { Pixels } from './pixels.ts';

const kinds: readonly ImageKind[] = [jpeg, png, webp, gif, bmp, tiff];

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
  if (foreign) throw unreadable('foreign', `${foreign} is not supported, only ${readable} are`);
  throw unreadable('damaged', `the file is not a supported image; supported are ${readable}`);
}

/** Kinds of images that are recognised only so that the refusal can name them: signature, where it stands, name. */
const signatures = [
  ['ftypavif', 4, 'AVIF'],
  ['ftyphei', 4, 'HEIF'],
  ['\0\0\0\x0cjP  ', 0, 'JPEG 2000'],
  ['\xff\x4f\xff\x51', 0, 'JPEG 2000'],
  ['II+\0', 0, 'BigTIFF'],
  ['MM\0+', 0, 'BigTIFF'],
  ['<svg', 0, 'SVG'],
] as const;

/** The name of the kind of image that `bytes` begin like, if it is a kind that is known but not read. */
const nameForeignKind = (bytes: Uint8Array): string | undefined =>
  signatures.find(([signature, offset]) => startsWith(bytes, signature, offset))?.[2];

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
