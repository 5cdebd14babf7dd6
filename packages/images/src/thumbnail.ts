import sharp from 'sharp';
import { decode } from './decode.ts';

/** Pixels of the longer side. */
const longest = 96;

/**
 * A picture of an image for people to look at: a JPEG of at most 96 × 96 pixels, its sides in proportion, never enlarged.
 * Made from the pixels that a network sees, so that what Pillow does to rare kinds is seen too, but reduced by the
 * decoder's library and compressed.
 *
 * Throws OOD_IMAGE_UNREADABLE, as `decode` does.
 */
export async function thumbnail(bytes: Uint8Array): Promise<Uint8Array> {
  const { width, height, data } = await decode(bytes);
  return sharp(data, { raw: { width, height, channels: 3 } })
    .resize({ width: longest, height: longest, fit: 'inside', withoutEnlargement: true })
    .jpeg({ quality: 80 })
    .toBuffer();
}
