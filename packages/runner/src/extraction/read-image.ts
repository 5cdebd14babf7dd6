import { createHash, type Hash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { types } from 'node:util';
import type { DatasetImage, ImageAddress, ImageFile, RawPixels, Stretch } from '@farout/core';
import { FaroutError } from '@farout/core/errors';
import { describeValue } from '../plugins/describe-value.ts';
import { hashBytes } from '../store/entries.ts';
import { fetchImage } from './fetch-image.ts';

/** A file, or a byte range of one. */
type FileStretch = Pick<ImageFile, 'path' | keyof Stretch>;

/** The location of an image, or its data. */
type Readable =
  | FileStretch
  | Pick<ImageAddress, 'url' | 'version' | keyof Stretch>
  | { readonly pixels: RawPixels }
  | { readonly bytes: Uint8Array };

/** An image on its way to a worker: its location, its data read in the main process, or why that failed. */
export type ImageInput = Readable | { readonly failure: string };

/** An image as sent to workers. Image sources (`read`) are read here; workers read files and addresses themselves. */
export async function inputOf(image: DatasetImage): Promise<ImageInput> {
  try {
    return await readableOf(image);
  } catch (error) {
    return { failure: `the dataset cannot read it: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** The location of an image, or what its dataset reads. @throws what the dataset throws. */
export async function readableOf(image: DatasetImage): Promise<Readable> {
  if ('row' in image) throw new Error('only its stored features are available');
  if (!('read' in image)) return image;
  const read: unknown = await image.read();
  return types.isUint8Array(read) ? { bytes: read } : { pixels: checkPixels(read) };
}

/** Checks pixels, possibly made by plain JavaScript. @throws Error that says what is wrong. */
export function checkPixels(pixels: unknown): RawPixels {
  const { data, shape } = (pixels ?? {}) as Partial<Record<string, unknown>>;
  if (!types.isUint8Array(data) || !Array.isArray(shape)) {
    throw new Error(`expected bytes or { data, shape } with a Uint8Array as data, not ${describeValue(pixels)}`);
  }
  const [height, width, channels, ...more] = shape as unknown[];
  const isSize = (side: unknown): side is number => Number.isSafeInteger(side) && (side as number) > 0;
  if (isSize(height) && isSize(width) && channels === 3 && more.length === 0 && data.length === height * width * 3) {
    return { data, shape: [height, width, channels] };
  }
  const sides = shape.map((side) => describeValue(side)).join(', ');
  throw new Error(`${data.length} bytes do not match the shape (${sides}), expected (height, width, 3)`);
}

/**
 * An image's bytes, or its pixels.
 *
 * @throws FaroutError OOD_IMAGE_UNREADABLE for anything that is not a file, ends too early or exceeds 1 GiB; the system's error if it
 *   cannot be opened or read; AddressFault.
 */
export async function readImage(image: Readable): Promise<Uint8Array | RawPixels> {
  if ('pixels' in image) return image.pixels;
  if ('bytes' in image) return image.bytes;
  const pieces: Uint8Array[] = [];
  if ('path' in image) return readImageFile(image);
  for await (const piece of fetchImage(image)) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** SHA-256 that identifies an image: of its bytes, or of its pixels and their shape. */
export const contentHash = (read: Uint8Array | RawPixels): string =>
  'shape' in read ? hashBytes([Buffer.from(`pixels ${read.shape.join(' ')}\n`), read.data]) : hashBytes(read);

/** How many leading bytes of the SHA-256 identify an image. */
export const markBytes = 6;

/** The content hash of an image; at most one piece of it is in memory at a time. Throws like `readImage`. */
export async function hashImage(image: Readable): Promise<string> {
  if ('pixels' in image) return contentHash(image.pixels);
  if ('bytes' in image) return contentHash(image.bytes);
  const hash = createHash('sha256');
  if ('path' in image) await hashImageFile(image, hash);
  else for await (const piece of fetchImage(image)) hash.update(piece);
  return hash.digest('hex');
}

/** More bytes than the largest image that is decoded (179 million pixels) can need uncompressed, at 4 bytes a pixel. */
const mostBytes = 2 ** 30;

/** Systems without this flag have no FIFOs among their files either. */
const notBlocking = constants.O_RDONLY | constants.O_NONBLOCK;

const pieceBytes = 2 ** 17;

/**
 * Does not block on anything that is not a file (a folder, a FIFO without a writer, an endless device). A whole file
 * may have grown since its size was queried, so it is read to its end instead of to that size.
 */
const readImageFile = (image: FileStretch): Promise<Uint8Array> =>
  withFile(image, async (handle, bytes) => {
    if (isWhole(image)) return handle.readFile();
    const { offset = 0 } = image;
    const all = Buffer.allocUnsafe(bytes);
    for (let filled = 0; filled < bytes;) {
      const { bytesRead } = await handle.read(all, filled, bytes - filled, offset + filled);
      if (bytesRead === 0) throw unreadable('the file ends before the image does');
      filled += bytesRead;
    }
    return all;
  });

const hashImageFile = (image: FileStretch, hash: Hash): Promise<void> =>
  withFile(image, async (handle, bytes) => {
    for await (const piece of piecesOf(handle, image, isWhole(image) ? Infinity : bytes)) hash.update(piece);
  });

const isWhole = ({ offset = 0, length }: Stretch) => offset === 0 && length === undefined;

/** Reads `bytes` bytes from the offset (Infinity: to the end), piece by piece. The next piece overwrites the previous one. */
async function* piecesOf(handle: FileHandle, { offset = 0 }: Stretch, bytes: number): AsyncGenerator<Uint8Array> {
  const piece = Buffer.allocUnsafe(Math.min(pieceBytes, bytes));
  for (let done = 0; done < bytes;) {
    const { bytesRead } = await handle.read(piece, 0, Math.min(piece.length, bytes - done), offset + done);
    if (bytesRead === 0 && bytes === Infinity) return;
    if (bytesRead === 0) throw unreadable('the file ends before the image does');
    yield piece.subarray(0, bytesRead);
    done += bytesRead;
  }
}

/** Opens a file to read the image in it; `bytes` is the image's length. */
async function withFile<T>(
  { path, offset = 0, length }: FileStretch,
  use: (handle: FileHandle, bytes: number) => Promise<T>,
): Promise<T> {
  const handle = await open(path, notBlocking);
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw unreadable('it is not a file');
    const bytes = length ?? stats.size - offset;
    if (bytes < 0 || offset + bytes > stats.size) throw unreadable('the file ends before the image does');
    if (bytes > mostBytes) throw unreadable('the file is larger than 1 GiB');
    return await use(handle, bytes);
  } finally {
    await handle.close();
  }
}

const unreadable = (reason: string) => new FaroutError('OOD_IMAGE_UNREADABLE', reason);
