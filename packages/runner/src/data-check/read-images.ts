import type { DatasetImage, Progress } from '@farout/core';
import { perceptualWords } from '@farout/images';
import type { ImageOutcome } from '../extraction/batch.ts';
import { WorkerPool, type Batch } from '../extraction/pool.ts';
import { inputOf } from '../extraction/read-image.ts';
import type { Finding } from './findings.ts';
import type { OpenedSet } from './open-set.ts';

/** What the images of a dataset are known by; nothing of their bytes or pixels. */
export interface SeenImages {
  readonly ids: readonly string[];
  /** SHA-256 of each image, undefined where it could not be read. */
  readonly contents: readonly (string | undefined)[];
  /** Numbers of the images that show something, in their order. */
  readonly shown: readonly number[];
  /** The perceptual hashes of these, one after the other, `perceptualWords` each. */
  readonly hashes: Uint32Array;
  /** How many could be decoded, but show nothing. */
  readonly blank: number;
  /** The images that cannot be read. */
  readonly findings: readonly Finding[];
}

/** How a check shows where it is, and is stopped. */
export interface Surroundings {
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Workers that read images, for as long as they are needed. */
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

/** Images of a batch: enough that messages between processes are few. */
const batchSize = 16;

/**
 * Reads and decodes every image of a dataset as a run does, in processes apart, so that one which crashes the decoder is named; rows that
 * a network has made are no images.
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

/** Those of some images that can be read. */
export const readableOf = (images: readonly DatasetImage[]): readonly DatasetImage[] =>
  images.filter((image) => !('row' in image));

async function* batchesOf(images: readonly DatasetImage[]): AsyncGenerator<Batch> {
  for (let start = 0; start < images.length; start += batchSize)
    yield { images: await Promise.all(images.slice(start, start + batchSize).map(inputOf)), graphs: [] };
}

/** Takes what became of the images of a dataset, one after the other; a million take 150 MB. */
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
