import { hashBytes } from '../store/hash.ts';
import type { BatchOutcome, ImageInput, ImageOutcome, WorkerSetup } from './messages.ts';
import { readImageFile } from './read-image-file.ts';
import { WorkerDied, WorkerProcess } from './worker-process.ts';

/**
 * Where the images of a batch go whose worker died: one at a time through a process that holds nothing else, so that
 * the one which kills it is known by name and the others come through.
 */
export class Quarantine {
  readonly #setup: WorkerSetup;
  #worker: WorkerProcess | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(setup: WorkerSetup) {
    this.#setup = setup;
  }

  /** The outcome of a batch, its deadly images among the unreadable. Batches wait for each other. */
  isolate(images: readonly ImageInput[]): Promise<BatchOutcome> {
    const outcome = this.#last.then(() => this.#oneByOne(images));
    this.#last = outcome.catch(() => undefined);
    return outcome;
  }

  /** Ends its process. Batches that still come, because closing kills the workers that hold them, are not taken up. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#worker?.close();
  }

  async #oneByOne(images: readonly ImageInput[]): Promise<BatchOutcome> {
    const outcomes: BatchOutcome[] = [];
    for (const image of images) outcomes.push(await this.#alone(image));
    return merge(outcomes);
  }

  async #alone(image: ImageInput): Promise<BatchOutcome> {
    if (this.#closed) throw new WorkerDied('closed');
    if (!this.#worker || this.#worker.dead) this.#worker = new WorkerProcess(this.#setup);
    try {
      return await this.#worker.extract([image]);
    } catch (error) {
      if (!(error instanceof WorkerDied)) throw error;
      const unreadable = `it crashed the decoder or the network (${error.message})`;
      return { images: [{ ...(await contentOf(image)), unreadable }], features: new Float32Array(0), width: 0 };
    }
  }
}

async function contentOf(image: ImageInput): Promise<Pick<ImageOutcome, 'content'>> {
  if ('failure' in image) return { content: undefined };
  try {
    return { content: hashBytes('path' in image ? await readImageFile(image.path) : image.bytes) };
  } catch {
    // It is gone since; why it is left out is known already.
    return { content: undefined };
  }
}

/** Outcomes in order as one. */
export function merge(outcomes: readonly BatchOutcome[]): BatchOutcome {
  const features = new Float32Array(outcomes.reduce((length, outcome) => length + outcome.features.length, 0));
  let offset = 0;
  for (const outcome of outcomes) {
    features.set(outcome.features, offset);
    offset += outcome.features.length;
  }
  const width = Math.max(0, ...outcomes.map((outcome) => outcome.width));
  return { images: outcomes.flatMap((outcome) => outcome.images), features, width };
}
