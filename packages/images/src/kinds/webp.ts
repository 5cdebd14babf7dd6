import { startsWith, viewBytes, type ImageKind } from '../image-kind.ts';
import type { Size } from '../pixels.ts';
import { decodeRgb } from '../sharp-decoder.ts';

/** WebP, lossy and lossless; for an animation, its first frame on the canvas. Alpha is dropped, not blended. */
export const webp: ImageKind = {
  name: 'WebP',
  matches: (bytes) => startsWith(bytes, 'RIFF') && startsWith(bytes, 'WEBP', 8),
  sizeOf: (bytes) => webpSize(viewBytes(bytes)),
  decode: (bytes) => decodeRgb({ kind: 'WebP', bytes }),
};

/** By the first chunk: extended (the canvas), lossless or lossy. Source: RFC 9649, sections 2.5 to 2.7. */
function webpSize(file: Buffer): Size | undefined {
  const kind = file.toString('latin1', 12, 16);
  if (kind === 'VP8X') return { width: file.readUIntLE(24, 3) + 1, height: file.readUIntLE(27, 3) + 1 };
  const lossless = file.readUInt32LE(21);
  if (kind === 'VP8L') return { width: (lossless & 0x3fff) + 1, height: ((lossless >> 14) & 0x3fff) + 1 };
  if (kind === 'VP8 ') return { width: file.readUInt16LE(26) & 0x3fff, height: file.readUInt16LE(28) & 0x3fff };
  return undefined;
}
