import { startsWith } from './starts-with.ts';

/** Kinds of images that are recognised only so that the refusal can name them: signature, where it stands, name. */
const signatures = [
  ['ftypavif', 4, 'AVIF'],
  ['ftyphei', 4, 'HEIF'],
  ['\0\0\0\x0cjP  ', 0, 'JPEG 2000'],
  ['\xff\x4f\xff\x51', 0, 'JPEG 2000'],
  ['II+\0', 0, 'BigTIFF'],
  ['MM\0+', 0, 'BigTIFF'],
  ['<svg', 0, 'SVG'],
] as const;

/** The name of the kind of image that `bytes` begin like, if it is a kind that is known but not read. */
export const nameForeignKind = (bytes: Uint8Array): string | undefined =>
  signatures.find(([signature, offset]) => startsWith(bytes, signature, offset))?.[2];
