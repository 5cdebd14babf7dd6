import { decode } from './decode.ts';
import { resizeAndCrop, type PixelRecipe } from './resize-and-crop.ts';

/**
 * An image file as the backbone's graph takes it: decoded, resized, cropped. (crop, crop, 3), uint8, not yet normalised.
 *
 * Throws OOD_IMAGE_UNREADABLE, as `decode` does.
 */
export async function prepare(bytes: Uint8Array, recipe: PixelRecipe): Promise<Uint8Array> {
  return resizeAndCrop(await decode(bytes), recipe);
}
