import sharp from 'sharp';
import { admission } from './admission.ts';
import { announcedPixels, decode } from './decode.ts';
import type { Pixels } from './pixels.ts';

/** Pixels of the longer side. */
const longest = 96;

/**
 * A picture of an image for people to look at: a JPEG of at most 96 × 96 pixels, its sides in proportion, never enlarged.
 * Made from the pixels that a network sees, so that what Pillow does to rare kinds is seen too, but reduced by the
 * decoder's library and compressed.
 *
 * Waits for its turn as `prepare` does. Throws OOD_IMAGE_UNREADABLE, as `decode` does.
 */
export function thumbnail(bytes: Uint8Array): Promise<Uint8Array> {
  return admission.admit(announcedPixels(bytes), async () => reduce(await decode(bytes)));
}

const reduce = ({ width, height, data }: Pixels): Promise<Uint8Array> =>
  sharp(data, { raw: { width, height, channels: 3 } })
    .resize({ width: longest, height: longest, fit: 'inside', withoutEnlargement: true })
    .jpeg({ quality: 80 })
    .toBuffer();
