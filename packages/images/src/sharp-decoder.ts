import sharp, { type OutputInfo, type Sharp } from 'sharp';
import { maxPixels } from './refuse-too-large.ts';
import { unreadable } from './refusals.ts';

/** A file, and what its decoding needs to know. */
export interface SharpInput {
  /** The name of its kind, for messages. */
  readonly kind: string;
  readonly bytes: Uint8Array;
}

/**
 * Runs a recipe on a file. What all recipes share: embedded colour profiles are ignored, a file that ends early is an
 * error, alpha is dropped and not blended; never any of sharp's resizing.
 *
 * Throws OOD_IMAGE_UNREADABLE with the first line of what the decoder said.
 */
export async function decodeWithSharp(
  { kind, bytes }: SharpInput,
  recipe: (image: Sharp) => Sharp,
): Promise<{ data: Buffer; info: OutputInfo }> {
  const options = {
    ignoreIcc: true,
    // libtiff's errors are errors.
    failOn: kind === 'TIFF' ? 'error' : 'truncated',
    limitInputPixels: maxPixels,
    // Else libvips gives a JPEG up at its hundredth warning, where Pillow counts none.
    unlimited: kind === 'JPEG',
  } as const;
  try {
    return await recipe(sharp(bytes, options).removeAlpha()).toBuffer({ resolveWithObject: true });
  } catch (cause) {
    throw unreadable('damaged', `the ${kind} cannot be decoded: ${firstLine(cause)}`, cause);
  }
}

/** libvips gathers a line from every attempt and may leave a colon behind; the first line says what is wrong. */
function firstLine(error: unknown): string {
  const said = error instanceof Error ? error.message : String(error);
  return said.trim().split('\n', 1)[0]!.replace(/:$/, '');
}
