import sharp, { type OutputInfo, type Sharp } from 'sharp';
import { unreadable } from './unreadable.ts';

/** More pixels are refused, as by Pillow, whose limit is twice `Image.MAX_IMAGE_PIXELS`. */
const maxPixels = 178_956_970;

/**
 * Runs a recipe on a file. What all recipes share: embedded colour profiles are ignored, a file that ends early is an
 * error, alpha is dropped and not blended; never any of sharp's own rotation or resizing.
 *
 * Throws OOD_IMAGE_UNREADABLE with the first line of what the decoder said.
 */
export async function decodeWithSharp(
  bytes: Uint8Array,
  kind: string,
  recipe: (image: Sharp) => Sharp,
): Promise<{ data: Buffer; info: OutputInfo }> {
  try {
    const image = sharp(bytes, { ignoreIcc: true, failOn: 'truncated', limitInputPixels: maxPixels }).removeAlpha();
    return await recipe(image).toBuffer({ resolveWithObject: true });
  } catch (cause) {
    throw unreadable('damaged', `the ${kind} cannot be decoded: ${firstLine(cause)}`, cause);
  }
}

/** libvips gathers a line from every attempt and may leave a colon behind; the first line says what is wrong. */
function firstLine(error: unknown): string {
  const said = error instanceof Error ? error.message : String(error);
  return said.trim().split('\n', 1)[0]!.replace(/:$/, '');
}
