import type { DatasetImage, Progress } from '@farout/core';
import { perceptualWords } from '@farout/images';
import type { ImageOutcome } from '../extraction/batch.ts';
import { WorkerPool, type Batch } from '../extraction/pool.ts';
import { inputOf } from '../extraction/read-image.ts';
import type { Finding } from './findings.ts';
import type { OpenedSet } from './open-set.ts';

/** Hashes that identify the images of a dataset, without their bytes or pixels. */
export interface SeenImages {
  readonly ids: readonly string[];
  /** SHA-256 of each image; undefined if it could not be read. */
  readonly contents: readonly (string | undefined)[];
  /** Indices of the images that are not blank, in order. */
  readonly shown: readonly number[];
  /** The perceptual hashes of these images, one after another, `perceptualWords` words each. */
  readonly hashes: Uint32Array;
  /** How many images were decoded but are blank. */
  readonly blank: number;
  /** The images that cannot be read. */
  readonly findings: readonly Finding[];
}

/** How a check shows progress, and how it is stopped. */
export interface Surroundings {
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Workers that read images, started on first use. */
export async function withWorkers<T>(
  images: number,
  signal: AbortSignal,
  work: (workers: () => WorkerPool) => Promise<T>,
): Promise<T> {
  let workers: WorkerPool | undefined;
  const close = async () => workers?.close();
  const stop = () => void close();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await work(() => (workers ??= new WorkerPool({ models: [], device: 'cpu' }, images)));
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    await close();
  }
}

/** Images per batch: enough to keep messages between processes few. */
const batchSize = 16;

/**
 * Reads and decodes every image of a dataset as a run would, in separate processes, so that an image that crashes the
 * decoder is identified. Rows of precomputed features are not images and are skipped.
 */
export async function readImages(
  { name, images }: Pick<OpenedSet, 'name' | 'images'>,
  { workers, progress, signal }: Surroundings & { readonly workers: () => WorkerPool },
): Promise<SeenImages> {
  const readable = readableOf(images);
  const seen = new Gathered(name, readable);
  if (readable.length === 0) return seen;
  progress.start(`${name}: reading`, readable.length, 0);
  try {
    for await (const [, outcome] of workers().map(batchesOf(readable))) {
      signal.throwIfAborted();
      for (const each of outcome.images) seen.add(each);
      progress.advance(outcome.images.length);
    }
  } finally {
    progress.stop();
  }
  return seen;
}

/** The images that can be read, which excludes rows of precomputed features. */
export const readableOf = (images: readonly DatasetImage[]): readonly DatasetImage[] =>
  images.filter((image) => !('row' in image));

async function* batchesOf(images: readonly DatasetImage[]): AsyncGenerator<Batch> {
  for (let start = 0; start < images.length; start += batchSize)
    yield { images: await Promise.all(images.slice(start, start + batchSize).map(inputOf)), graphs: [] };
}

/** Collects the outcomes of a dataset's images. A million images take 150 MB. */
class Gathered implements SeenImages {
  readonly ids: readonly string[];
  readonly contents: (string | undefined)[] = [];
  readonly shown: number[] = [];
  readonly findings: Finding[] = [];
  readonly #dataset: string;
  readonly #hashes: Uint32Array;

  constructor(dataset: string, images: readonly DatasetImage[]) {
    this.#dataset = dataset;
    this.ids = images.map(({ id }) => id);
    this.#hashes = new Uint32Array(images.length * perceptualWords);
  }

  get hashes(): Uint32Array {
    return this.#hashes.subarray(0, this.shown.length * perceptualWords);
  }

  get blank(): number {
    return this.contents.length - this.shown.length - this.findings.length;
  }

  add({ content, shows, unreadable }: ImageOutcome): void {
    const index = this.contents.push(content) - 1;
    if (unreadable !== undefined) this.findings.push(this.#unreadable(index, unreadable));
    if (shows) this.#hashes.set(shows, (this.shown.push(index) - 1) * perceptualWords);
  }

  #unreadable(index: number, what: string): Finding {
    const fix = 'Get it again, or remove it: a run skips it.';
    return { dataset: this.#dataset, kind: 'unreadable', severity: 'error', where: this.ids[index]!, what, fix };
  }
}
