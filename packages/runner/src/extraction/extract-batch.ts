import { FaroutError } from '@farout/core';
import { prepare } from '@farout/images';
import type { Session } from '@farout/runtime';
import { hashBytes } from '../store/hash.ts';
import {
  featuresOutput,
  pixelsInput,
  type BatchOutcome,
  type ImageInput,
  type ImageOutcome,
  type WorkerSetup,
} from './messages.ts';
import { readImageFile } from './read-image-file.ts';

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

/** The features of the readable ones, by one run of the graph. */
export async function extractFeatures(
  prepared: readonly PreparedImage[],
  crop: number,
  session: Session,
): Promise<BatchOutcome> {
  const images = prepared.map(({ outcome }) => outcome);
  const readable = prepared.flatMap(({ pixels }) => (pixels ? [pixels] : []));
  if (readable.length === 0) return { images, features: new Float32Array(0), width: 0 };
  const shape = [readable.length, crop, crop, 3];
  const output = await session.run({ [pixelsInput]: { data: concatenate(readable), shape } });
  const {
    data,
    shape: [, width],
  } = output[featuresOutput]!;
  return { images, features: data as Float32Array, width: width! };
}

async function prepareImage(image: ImageInput, recipe: WorkerSetup['recipe']): Promise<PreparedImage> {
  if ('failure' in image) return { outcome: { content: undefined, unreadable: image.failure }, pixels: undefined };
  let content: string | undefined;
  try {
    const bytes = 'path' in image ? await readImageFile(image.path) : image.bytes;
    content = hashBytes(bytes);
    return { outcome: { content }, pixels: await prepare(bytes, recipe) };
  } catch (error) {
    return { outcome: { content, unreadable: reasonOf(error) }, pixels: undefined };
  }
}

/** Only what is the image's own fault makes it unreadable; a mistake of this program must not hide behind it. */
function reasonOf(error: unknown): string {
  if (error instanceof FaroutError && error.code === 'OOD_IMAGE_UNREADABLE') return error.message;
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code && syscall) return `the file cannot be read (${code})`;
  throw error;
}

function concatenate(arrays: readonly Uint8Array[]): Uint8Array {
  const length = arrays[0]!.length;
  const all = new Uint8Array(arrays.length * length);
  arrays.forEach((array, index) => all.set(array, index * length));
  return all;
}
