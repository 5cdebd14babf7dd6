import { startsWith } from './starts-with.ts';

/** Kinds of images that are recognised only so that the refusal can name them: signature, where it stands, name. */
const signatures = [
  ['GIF8', 0, 'GIF'],
  ['WEBP', 8, 'WebP'],
  ['BM', 0, 'BMP'],
  ['II*\0', 0, 'TIFF'],
  ['MM\0*', 0, 'TIFF'],
  ['ftypavif', 4, 'AVIF'],
  ['ftyphei', 4, 'HEIF'],
] as const;

/** The name of the kind of image that `bytes` begin like, if it is a kind that is known but not read. */
export const nameForeignKind = (bytes: Uint8Array): string | undefined =>
  signatures.find(([signature, offset]) => startsWith(bytes, signature, offset))?.[2];
