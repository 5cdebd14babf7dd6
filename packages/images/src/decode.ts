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
 * Decodes an image file to the same pixels as Pillow 9.4 after `convert('RGB')`, bit for bit. The kind is determined by
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

/** Unsupported kinds, recognised only to name them in the error: signature, offset, name. */
const signatures = [
  ['ftypavif', 4, 'AVIF'],
  ['ftyphei', 4, 'HEIF'],
  ['\0\0\0\x0cjP  ', 0, 'JPEG 2000'],
  ['\xff\x4f\xff\x51', 0, 'JPEG 2000'],
  ['II+\0', 0, 'BigTIFF'],
  ['MM\0+', 0, 'BigTIFF'],
  ['<svg', 0, 'SVG'],
] as const;

/** The name of an unsupported image kind, by the first bytes. */
const nameForeignKind = (bytes: Uint8Array): string | undefined =>
  signatures.find(([signature, offset]) => startsWith(bytes, signature, offset))?.[2];

/**
 * How many pixels a file announces in its header; 0 if it is not a supported image. The number is not trusted: it only affects scheduling.
 */
export function announcedPixels(bytes: Uint8Array): number {
  try {
    const size = kinds.find(({ matches }) => matches(bytes))?.sizeOf(bytes);
    return size ? size.width * size.height : 0;
  } catch {
    return 0; // decoding reports the error
  }
}
