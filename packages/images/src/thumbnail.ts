import { decodeWithSharp } from './decode-with-sharp.ts';

/** Pixels of the longer side. */
const longest = 96;

/**
 * A picture of an image for people to look at: a JPEG of at most 96 × 96 pixels, its sides in proportion, never enlarged.
 * The pixels are not those that a network sees: they come from the decoder's own reduction and are compressed again.
 *
 * Throws OOD_IMAGE_UNREADABLE when the image cannot be decoded.
 */
export async function thumbnail(bytes: Uint8Array): Promise<Uint8Array> {
  const { data } = await decodeWithSharp(bytes, 'image', (image) =>
    image.resize({ width: longest, height: longest, fit: 'inside', withoutEnlargement: true }).jpeg({ quality: 80 }),
  );
  return data;
}
