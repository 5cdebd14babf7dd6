import type { Size } from './resized-size.ts';
import { unreadable } from './refusals.ts';

/** More pixels are refused, as by Pillow, whose limit is twice `Image.MAX_IMAGE_PIXELS`. */
export const maxPixels = 178_956_970;

/** Throws OOD_IMAGE_UNREADABLE for a size that Pillow takes for a decompression bomb, and for one without a pixel. */
export function refuseTooLarge(kind: string, { width, height }: Size): void {
  if (width * height > maxPixels) {
    throw unreadable('damaged', `the ${kind} has ${width} × ${height} pixels, more than ${maxPixels}`);
  }
  if (width < 1 || height < 1) throw unreadable('damaged', `the ${kind} has no pixels`);
}
