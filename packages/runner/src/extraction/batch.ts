import type { Device, ErrorCode, RawPixels, Rows } from '@farout/core';
import { FaroutError } from '@farout/core/errors';
import { decodePixels, perceptualHash, prepare, type PixelRecipe } from '@farout/images';
import type { Session } from '@farout/runtime';
import type { NDArray } from '@farout/tensor';
import type { StorageSource } from '../plugins/storages.ts';
import { AddressFault } from './fetch-image.ts';
import { contentHash, readImage, type ImageInput } from './read-image.ts';

/** The graph's input: image pixels, uint8 (N, crop, crop, 3). */
export const pixelsInput = 'pixels';
/** The output of a feature graph, float32 (N, D). The name is part of the graph, whose hash is a key of the store. */
export const rowsOutput = 'features';

/** What a worker needs to start. */
export interface WorkerSetup {
  /** Paths of the graphs. Each batch names the ones to run. */
  readonly models: readonly string[];
  readonly device: Device;
  /** Threads within one operator. */
  readonly threads: number;
  /** How an image becomes the input of the graphs. Absent if there is no graph, and images are only compared by their content. */
  readonly recipe?: PixelRecipe;
}

/** The outcome of one image. */
export interface ImageOutcome {
  /** SHA-256 of its bytes; undefined if they could not be read. */
  readonly content: string | undefined;
  /** Perceptual hash, if there is no recipe; absent for a blank image. */
  readonly shows?: Uint32Array;
  /** Why the image was left out. */
  readonly unreadable?: string;
  /**
   * Set if the failure is not a property of the image: the process died of it, memory ran out, or the file system or
   * network could not read it. Such an outcome is not stored.
   */
  readonly passing?: 'died' | 'memory' | 'system';
}

/** The outcome of a batch: the outputs of the graphs for its readable images, in order, (readable, width) by output name. */
export interface BatchOutcome {
  readonly images: readonly ImageOutcome[];
  readonly arrays: Readonly<Record<string, Rows>>;
}

/** An error as plain data, because an Error loses its fields when sent between processes. */
export interface PlainError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** Additional fields of a FaroutError. */
  readonly farout?: { readonly code: ErrorCode } & Pick<FaroutError, 'fix' | 'choices'>;
}

/** Images, and which of the worker's graphs are run on them. */
export interface BatchRequest {
  readonly images: readonly ImageInput[];
  readonly graphs: readonly number[];
}

/** From the main process to a worker. */
export type Request =
  | { readonly kind: 'open'; readonly setup: WorkerSetup; readonly storages: readonly StorageSource[] }
  | ({ readonly kind: 'extract'; readonly id: number } & BatchRequest);

/** From a worker to the main process. */
export type Reply =
  | { readonly kind: 'opened' }
  | { readonly kind: 'extracted'; readonly id: number; readonly outcome: BatchOutcome }
  /** Without an id, opening the graphs failed. */
  | { readonly kind: 'failed'; readonly id?: number; readonly error: PlainError };

interface PreparedImage {
  readonly outcome: ImageOutcome;
  readonly pixels: Uint8Array | undefined;
}

/** How many files are in memory at once: as many as libuv's threads decode. */
const filesAtOnce = 4;

/** Reads and decodes images, a few at a time. Some may be unreadable. */
export async function prepareBatch(images: readonly ImageInput[], recipe?: PixelRecipe): Promise<PreparedImage[]> {
  const prepared: PreparedImage[] = [];
  const left = images.entries();
  const prepareNext = async () => {
    for (const [index, image] of left) prepared[index] = await prepareImage(image, recipe);
  };
  await Promise.all(Array.from({ length: filesAtOnce }, prepareNext));
  return prepared;
}

/** An image as a network's input, or why it is left out. */
export async function prepareImage(image: ImageInput, recipe?: PixelRecipe): Promise<PreparedImage> {
  if (recipe) {
    const { outcome, made } = await makeOf(image, (read) => prepare(read, recipe));
    return { outcome, pixels: made };
  }
  const { outcome, made: shows } = await makeOf(image, perceptualHash);
  return { outcome: { ...outcome, ...(shows && { shows }) }, pixels: undefined };
}

/** An image at its original size, or why it is left out. */
export async function decodeImage(
  image: ImageInput,
): Promise<{ readonly outcome: ImageOutcome; readonly pixels: RawPixels | undefined }> {
  const { outcome, made } = await makeOf(image, decodePixels);
  return { outcome, pixels: made };
}

async function makeOf<T>(
  image: ImageInput,
  make: (read: Uint8Array | RawPixels) => Promise<T>,
): Promise<{ readonly outcome: ImageOutcome; readonly made: T | undefined }> {
  if ('failure' in image) return left({ content: undefined, unreadable: image.failure, passing: 'system' });
  let content: string | undefined;
  try {
    const read = await readImage(image);
    content = contentHash(read);
    return { outcome: { content }, made: await make(read) };
  } catch (error) {
    return left({ content, ...reasonOf(error) });
  }
}

const left = (outcome: ImageOutcome) => ({ outcome, made: undefined });

/**
 * Why an image is left out, and whether the cause is something other than its bytes. Only faults of the image, its
 * file or the machine leave an image out; a bug in this program must not be hidden that way.
 */
export function reasonOf(error: unknown): Required<Pick<ImageOutcome, 'unreadable'>> & Pick<ImageOutcome, 'passing'> {
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  if (isOutOfMemory(error)) return { unreadable: `there was not enough memory for it (${message})`, passing: 'memory' };
  if (error instanceof FaroutError && error.code === 'OOD_IMAGE_UNREADABLE') return { unreadable: error.message };
  if (error instanceof AddressFault) return { unreadable: message, passing: 'system' };
  if (code && syscall) return { unreadable: `the file cannot be read (${code})`, passing: 'system' };
  throw error;
}

/** How libvips, onnxruntime, V8 and the system report that memory ran out; none of them has an error code for it. */
export const isOutOfMemory = (error: unknown): boolean =>
  error instanceof Error &&
  /out of memory|bad_alloc|failed to allocate|cannot allocate|allocation failed|ENOMEM/i.test(error.message);

/** Runs the graphs on the readable images. */
export async function extractRows(
  prepared: readonly PreparedImage[],
  crop: number,
  sessions: readonly Session[],
): Promise<BatchOutcome> {
  const images = prepared.map(({ outcome }) => outcome);
  const readable = prepared.flatMap(({ pixels }) => (pixels ? [pixels] : []));
  if (readable.length === 0) return { images, arrays: {} };
  const pixels = { data: concatenate(readable), shape: [readable.length, crop, crop, 3] };
  let arrays: BatchOutcome['arrays'] = {};
  for (const session of sessions) arrays = { ...arrays, ...(await runOnPixels(session, pixels)) };
  return { images, arrays };
}

function concatenate(arrays: readonly Uint8Array[]): Uint8Array {
  const length = arrays[0]!.length;
  const all = new Uint8Array(arrays.length * length);
  arrays.forEach((array, index) => all.set(array, index * length));
  return all;
}

/** Concatenates outcomes, in order. */
export function joinOutcomes(outcomes: readonly BatchOutcome[]): BatchOutcome {
  const names = new Set(outcomes.flatMap(({ arrays }) => Object.keys(arrays)));
  const joined = [...names].map((name) => [name, joinRows(outcomes.flatMap(({ arrays }) => arrays[name] ?? []))]);
  return {
    images: outcomes.flatMap((outcome) => outcome.images),
    arrays: Object.fromEntries(joined) as BatchOutcome['arrays'],
  };
}

/** Concatenates blocks of rows. */
export function joinRows(blocks: readonly Rows[]): Rows {
  const count = blocks.reduce((sum, { shape }) => sum + shape[0], 0);
  const width = blocks[0]?.shape[1] ?? 0;
  const data = new Float32Array(count * width);
  let offset = 0;
  for (const block of blocks) {
    data.set(block.data, offset);
    offset += block.data.length;
  }
  return { data, shape: [count, width] };
}

/**
 * Runs a graph on images; outputs are float32 (N, width). A graph with a fixed batch size gets the images in batches
 * of that size; the last batch is padded with black images, whose outputs are dropped.
 */
export async function runOnPixels(session: Session, { data, shape }: NDArray): Promise<Readonly<Record<string, Rows>>> {
  const [count, ...size] = shape as [number, ...number[]];
  const run = async (pixels: NDArray) =>
    (await session.run({ [pixelsInput]: pixels })) as unknown as Readonly<Record<string, Rows>>;
  const taken = session.inputs[pixelsInput]?.[0];
  if (typeof taken !== 'number') return run({ data, shape });
  const length = (data.length / count) * taken;
  const all: Readonly<Record<string, Rows>>[] = [];
  for (let start = 0; start < data.length; start += length) {
    const pixels = new Uint8Array(length);
    pixels.set((data as Uint8Array).subarray(start, start + length));
    all.push(await run({ data: pixels, shape: [taken, ...size] }));
  }
  return Object.fromEntries(
    session.outputs.map((name) => [name, firstRows(joinRows(all.map((rows) => rows[name]!)), count)]),
  );
}

const firstRows = ({ data, shape: [, width] }: Rows, count: number): Rows => ({
  data: data.subarray(0, count * width),
  shape: [count, width],
});
