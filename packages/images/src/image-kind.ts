import type { Pixels, Size } from './pixels.ts';

/** One kind of image file and how it becomes the pixels that Pillow's `convert('RGB')` gives. */
export interface ImageKind {
  readonly name: string;
  /** Told by the file's signature, never by its name. */
  readonly matches: (bytes: Uint8Array) => boolean;
  /**
   * The size that the file announces, read from its header at once; undefined, or an error, where it announces none.
   */
  readonly sizeOf: (bytes: Uint8Array) => Size | undefined;
  /** Throws OOD_IMAGE_UNREADABLE. */
  readonly decode: (bytes: Uint8Array) => Pixels | Promise<Pixels>;
}

/** Whether `signature`, one character a byte, stands in a file at `offset`. */
export const startsWith = (bytes: Uint8Array, signature: string, offset = 0): boolean =>
  Buffer.from(signature, 'latin1').every((byte, i) => bytes[offset + i] === byte);
