import type { Pixels } from '../pixels.ts';

/** One kind of image file and how it becomes the pixels that Pillow's `convert('RGB')` gives. */
export interface ImageKind {
  readonly name: string;
  /** Told by the file's signature, never by its name. */
  readonly matches: (bytes: Uint8Array) => boolean;
  /** Throws OOD_IMAGE_UNREADABLE. */
  readonly decode: (bytes: Uint8Array) => Pixels | Promise<Pixels>;
}
