import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import type { Device, ErrorCode, ImageRecipe } from '@farout/core';
import { FaroutError } from '@farout/core/errors';
import { prepare } from '@farout/images';
import type { Session } from '@farout/runtime';
import type { NDArray } from '@farout/tensor';
import { hashBytes } from '../store/entries.ts';

/** The graph's input: image pixels, uint8 (N, crop, crop, 3). */
export const pixelsInput = 'pixels';
/**
 * The graph's output: what it makes of each image, float32 (N, width): penultimate features, or a score. Its name is in the
 * graph, whose hash the store is looked up by.
 */
export const rowsOutput = 'features';

/** What a worker needs to begin. */
export interface WorkerSetup {
  /** Path of the graph. */
  readonly model: string;
  readonly device: Device;
  /** Threads within one operator. */
  readonly threads: number;
  readonly recipe: Pick<ImageRecipe, 'resize' | 'crop'>;
}

/** An image on its way to a worker: a path as it is, bytes that were read in the main process, or why they could not. */
export type ImageInput = { readonly path: string } | { readonly bytes: Uint8Array } | { readonly failure: string };

/** What became of one image. */
export interface ImageOutcome {
  /** SHA-256 of its bytes; undefined when they could not be read. */
  readonly content: string | undefined;
  /** Why the image was left out. */
  readonly unreadable?: string;
  /**
   * That it is no property of the image: the process died of it, memory was short, or the system could not read the file.
   * Such an outcome is not stored.
   */
  readonly passing?: 'died' | 'memory' | 'system';
}

/** What became of a batch: what the graph made of its readable images, in their order, (readable, width). */
export interface BatchOutcome {
  readonly images: readonly ImageOutcome[];
  readonly rows: Float32Array;
  readonly width: number;
}

/** An error as plain data, because an Error loses its fields between processes. */
export interface PlainError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** What a FaroutError has besides. */
  readonly farout?: { readonly code: ErrorCode } & Pick<FaroutError, 'fix' | 'choices'>;
}

/** From the main process to a worker. */
export type Request =
  | { readonly kind: 'open'; readonly setup: WorkerSetup }
  | { readonly kind: 'extract'; readonly id: number; readonly images: readonly ImageInput[] };

/** From a worker to the main process. */
export type Reply =
  | { readonly kind: 'opened' }
  | { readonly kind: 'extracted'; readonly id: number; readonly outcome: BatchOutcome }
  /** Without an id it is the opening that failed. */
  | { readonly kind: 'failed'; readonly id?: number; readonly error: PlainError };

interface PreparedImage {
  readonly outcome: ImageOutcome;
  readonly pixels: Uint8Array | undefined;
}

/** So many files lie in memory at once: as many as libuv's threads decode. */
const filesAtOnce = 4;

/** Images, read and decoded a few at a time, of which some may be unreadable. */
export async function prepareBatch(
  images: readonly ImageInput[],
  recipe: WorkerSetup['recipe'],
): Promise<PreparedImage[]> {
  const prepared: PreparedImage[] = [];
  const left = images.entries();
  const prepareNext = async () => {
    for (const [index, image] of left) prepared[index] = await prepareImage(image, recipe);
  };
  await Promise.all(Array.from({ length: filesAtOnce }, prepareNext));
  return prepared;
}

async function prepareImage(image: ImageInput, recipe: WorkerSetup['recipe']): Promise<PreparedImage> {
  if ('failure' in image) return left({ content: undefined, unreadable: image.failure, passing: 'system' });
  let content: string | undefined;
  try {
    const bytes = 'path' in image ? await readImageFile(image.path) : image.bytes;
    content = hashBytes(bytes);
    return { outcome: { content }, pixels: await prepare(bytes, recipe) };
  } catch (error) {
    return left({ content, ...reasonOf(error) });
  }
}

const left = (outcome: ImageOutcome): PreparedImage => ({ outcome, pixels: undefined });

/**
 * Why an image is left out, and whether that is no property of its bytes. Only what is the fault of the image, its file or
 * the machine leaves one out; a mistake of this program must not hide behind it.
 */
export function reasonOf(error: unknown): Required<Pick<ImageOutcome, 'unreadable'>> & Pick<ImageOutcome, 'passing'> {
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  if (isOutOfMemory(error)) return { unreadable: `there was no memory for it (${message})`, passing: 'memory' };
  if (error instanceof FaroutError && error.code === 'OOD_IMAGE_UNREADABLE') return { unreadable: error.message };
  if (code && syscall) return { unreadable: `the file cannot be read (${code})`, passing: 'system' };
  throw error;
}

/** What libvips, onnxruntime, V8 and the system say when they get no memory; none of them has a code for it. */
export const isOutOfMemory = (error: unknown): boolean =>
  error instanceof Error &&
  /out of memory|bad_alloc|failed to allocate|cannot allocate|allocation failed|ENOMEM/i.test(error.message);

/** What the graph makes of the readable ones. */
export async function extractRows(
  prepared: readonly PreparedImage[],
  crop: number,
  session: Session,
): Promise<BatchOutcome> {
  const images = prepared.map(({ outcome }) => outcome);
  const readable = prepared.flatMap(({ pixels }) => (pixels ? [pixels] : []));
  if (readable.length === 0) return { images, rows: new Float32Array(0), width: 0 };
  const pixels = { data: concatenate(readable), shape: [readable.length, crop, crop, 3] };
  const {
    data,
    shape: [, width],
  } = await runOnPixels(session, pixels);
  return { images, rows: data as Float32Array, width: width! };
}

function concatenate(arrays: readonly Uint8Array[]): Uint8Array {
  const length = arrays[0]!.length;
  const all = new Uint8Array(arrays.length * length);
  arrays.forEach((array, index) => all.set(array, index * length));
  return all;
}

/** Outcomes in order as one. */
export function joinOutcomes(outcomes: readonly BatchOutcome[]): BatchOutcome {
  const rows = new Float32Array(outcomes.reduce((length, outcome) => length + outcome.rows.length, 0));
  let offset = 0;
  for (const outcome of outcomes) {
    rows.set(outcome.rows, offset);
    offset += outcome.rows.length;
  }
  const width = Math.max(0, ...outcomes.map((outcome) => outcome.width));
  return { images: outcomes.flatMap((outcome) => outcome.images), rows, width };
}

/** What a graph over images makes of them, float32 (N, width): of all at once, or of one after the other where it takes one. */
export async function runOnPixels(session: Session, { data, shape }: NDArray): Promise<NDArray> {
  const [count, ...size] = shape as [number, ...number[]];
  const run = async (pixels: NDArray) => (await session.run({ [pixelsInput]: pixels }))[rowsOutput]!;
  if (session.inputs[pixelsInput]?.[0] !== 1) return run({ data, shape });
  const length = data.length / count;
  const rows: NDArray[] = [];
  for (let i = 0; i < count; i++) {
    rows.push(await run({ data: data.slice(i * length, (i + 1) * length), shape: [1, ...size] }));
  }
  const width = rows[0]!.data.length;
  const all = new Float32Array(count * width);
  rows.forEach((row, i) => all.set(row.data as Float32Array, i * width));
  return { data: all, shape: [count, width] };
}

/** More bytes than an image of the most pixels that are decoded (179 million) can need uncompressed, at 4 a pixel. */
const mostBytes = 2 ** 30;

/** Where the system has no such flag, it has no fifos among its files either. */
const notBlocking = constants.O_RDONLY | constants.O_NONBLOCK;

/**
 * The bytes of an image file. What is no file (a folder, a fifo that nobody writes into, a device without end) is not
 * waited for.
 *
 * @throws FaroutError OOD_IMAGE_UNREADABLE for what is no file or has more than 1 GiB; the system's error when it cannot
 *   be opened or read.
 */
export const readImageFile = (path: string): Promise<Uint8Array> => withFile(path, (handle) => handle.readFile());

/** The SHA-256 of an image file, of which never more than a piece is in memory. Throws as `readImageFile` does. */
export const hashImageFile = (path: string): Promise<string> =>
  withFile(path, async (handle, size) => {
    const hash = createHash('sha256');
    // A file may have grown since: what is read counts, not the size.
    const piece = Buffer.allocUnsafe(Math.min(pieceBytes, size + 1));
    for (;;) {
      const { bytesRead } = await handle.read(piece, 0, piece.length);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(piece.subarray(0, bytesRead));
    }
  });

const pieceBytes = 2 ** 17;

/** The SHA-256 of an image whose process could not say it. */
export async function contentOf(image: ImageInput): Promise<Pick<ImageOutcome, 'content'>> {
  if ('failure' in image) return { content: undefined };
  try {
    return { content: 'path' in image ? await hashImageFile(image.path) : hashBytes(image.bytes) };
  } catch {
    // It is gone since; why it is left out is known already.
    return { content: undefined };
  }
}

async function withFile<T>(path: string, use: (handle: FileHandle, size: number) => Promise<T>): Promise<T> {
  const handle = await open(path, notBlocking);
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw unreadable('it is no file');
    if (stats.size > mostBytes) throw unreadable('the file is larger than 1 GiB');
    return await use(handle, stats.size);
  } finally {
    await handle.close();
  }
}

const unreadable = (reason: string) => new FaroutError('OOD_IMAGE_UNREADABLE', reason);
