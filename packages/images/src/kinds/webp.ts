import { decodeRgb } from '../decode-rgb.ts';
import type { ImageKind } from './image-kind.ts';
import { startsWith } from './starts-with.ts';

/** WebP, lossy and lossless; of an animation its first frame on the canvas. Alpha is dropped, not blended. */
export const webp: ImageKind = {
  name: 'WebP',
  matches: (bytes) => startsWith(bytes, 'RIFF') && startsWith(bytes, 'WEBP', 8),
  decode: (bytes) => decodeRgb({ kind: 'WebP', bytes }),
};
