import { admission } from './admission.ts';
import { announcedPixels, decode } from './decode.ts';
import { resizeAndCrop, type PixelRecipe } from './resize-and-crop.ts';

/**
 * An image file as the backbone's graph takes it: decoded, resized, cropped. (crop, crop, 3), uint8, not yet normalised.
 *
 * Waits while other pictures are under way and all together have more pixels than a process decodes at once.
 *
 * Throws OOD_IMAGE_UNREADABLE, as `decode` does.
 */
export function prepare(bytes: Uint8Array, recipe: PixelRecipe): Promise<Uint8Array> {
  return admission.admit(announcedPixels(bytes), async () => resizeAndCrop(await decode(bytes), recipe));
}
