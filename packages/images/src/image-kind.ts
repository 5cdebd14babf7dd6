import { FaroutError } from '@farout/core/errors';
import { maxPixels, type Pixels, type Size } from './pixels.ts';

/** A kind of image file, and how to decode it to the pixels of Pillow's `convert('RGB')`. */
export interface ImageKind {
  readonly name: string;
  /** Decides by the signature of the file, never by its name. */
  readonly matches: (bytes: Uint8Array) => boolean;
  /**
   * The size announced in the header; undefined, or an error, if there is none.
   */
  readonly sizeOf: (bytes: Uint8Array) => Size | undefined;
  /** Throws OOD_IMAGE_UNREADABLE. */
  readonly decode: (bytes: Uint8Array) => Pixels | Promise<Pixels>;
}

/** Whether a file has `signature`, one character per byte, at `offset`. */
export const startsWith = (bytes: Uint8Array, signature: string, offset = 0): boolean =>
  Buffer.from(signature, 'latin1').every((byte, i) => bytes[offset + i] === byte);

/** The same memory as a Buffer, which can read numbers and throws beyond its end. */
export const viewBytes = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

/**
 * The error of an image that is left out: OOD_IMAGE_UNREADABLE. `reason` is one line, shown beside the image's name; the
 * kind of fault decides what is proposed; a decoder's own error is kept as the cause.
 */
export const unreadable = (fault: keyof typeof fixes, reason: string, cause?: unknown): FaroutError =>
  new FaroutError('OOD_IMAGE_UNREADABLE', reason, { fix: fixes[fault], cause });

const fixes = {
  damaged: 'Replace the file, or remove it from the dataset.',
  foreign: 'Convert it to PNG, which keeps every pixel, or remove it from the dataset.',
};

/** Calls `read`. Converts the RangeError of Node's buffers for reads beyond the end of the file to OOD_IMAGE_UNREADABLE. */
export function refuseShort<T>(kind: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    // By name: in the contexts of jest and vitest, Node's RangeError is a different class.
    if ((cause as Error).name !== 'RangeError') throw cause;
    throw unreadable('damaged', `the ${kind} ends early`, cause);
  }
}

/** Throws OOD_IMAGE_UNREADABLE for a size that Pillow treats as a decompression bomb, and for an empty image. */
export function refuseTooLarge(kind: string, { width, height }: Size): void {
  if (width * height > mostPixels) {
    throw unreadable('damaged', `the ${kind} has ${width} × ${height} pixels, more than ${mostPixels}`);
  }
  if (width < 1 || height < 1) throw unreadable('damaged', `the ${kind} has no pixels`);
}

let mostPixels = maxPixels;

/** The current limit for the pixels of an image. */
export const pixelLimit = (): number => mostPixels;

/**
 * Sets the limit for the pixels of an image. It applies to the whole process, because it protects its memory: the owner of the process calls this
 * before the first image, not this package, and every decoder in the process obeys it.
 */
export function limitPixels(pixels: number): void {
  mostPixels = Math.min(pixels, maxPixels);
}
