import { FaroutError } from '@farout/core/errors';
import { maxPixels, type Pixels, type Size } from './pixels.ts';

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

/** The same memory as a Buffer, which reads numbers and refuses to read beyond its end. */
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

/** What `read` returns; a read beyond the end of the file, which Node's buffers answer with a RangeError, becomes OOD_IMAGE_UNREADABLE. */
export function refuseShort<T>(kind: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    // By name: in the contexts of jest and vitest Node's RangeError is another class than the one known here.
    if ((cause as Error).name !== 'RangeError') throw cause;
    throw unreadable('damaged', `the ${kind} ends early`, cause);
  }
}

/** Throws OOD_IMAGE_UNREADABLE for a size that Pillow takes for a decompression bomb, and for one without a pixel. */
export function refuseTooLarge(kind: string, { width, height }: Size): void {
  if (width * height > mostPixels) {
    throw unreadable('damaged', `the ${kind} has ${width} × ${height} pixels, more than ${mostPixels}`);
  }
  if (width < 1 || height < 1) throw unreadable('damaged', `the ${kind} has no pixels`);
}

let mostPixels = maxPixels;

/** How many pixels an image may have here. */
export const pixelLimit = (): number => mostPixels;

/**
 * Refuses images of more pixels than this. For the whole process, as its memory is what they are refused for: its owner calls it before the
 * first image, not this package, and whatever decodes one in it heeds it.
 */
export function limitPixels(pixels: number): void {
  mostPixels = Math.min(pixels, maxPixels);
}
