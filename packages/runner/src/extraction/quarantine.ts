import { hashBytes } from '../store/entries.ts';
import { isOutOfMemory } from './batch.ts';
import type { BatchOutcome, ImageInput, ImageOutcome, WorkerSetup } from './messages.ts';
import { hashImageFile } from './read-image-file.ts';
import { WorkerDied, WorkerProcess } from './worker-process.ts';

/** Whether a batch may come through image by image: its process died, or got no memory. */
export const isWorthIsolating = (error: unknown): boolean => error instanceof WorkerDied || isOutOfMemory(error);

/**
 * Where the images of a batch go whose worker died or got no memory: one at a time through a process that holds nothing
 * else, so that the one which kills it is known by name and the others come through.
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
      if (!isWorthIsolating(error)) throw error;
      const outcome = { ...(await contentOf(image)), ...passingReason(error as Error) };
      return { images: [outcome], features: new Float32Array(0), width: 0 };
    }
  }
}

/** Another one than the image may be to blame: the system ends processes when its memory is short. */
function passingReason(error: Error): Required<Pick<ImageOutcome, 'unreadable' | 'passing'>> {
  const { message } = error;
  if (!(error instanceof WorkerDied))
    return { unreadable: `there was no memory for it (${message})`, passing: 'memory' };
  const killed = message === 'SIGKILL' || message === 'SIGTERM';
  const what = killed
    ? 'the system ended its process, as it does when memory is short'
    : 'it crashed the decoder or the network';
  return { unreadable: `${what} (${message})`, passing: 'died' };
}

async function contentOf(image: ImageInput): Promise<Pick<ImageOutcome, 'content'>> {
  if ('failure' in image) return { content: undefined };
  try {
    return { content: 'path' in image ? await hashImageFile(image.path) : hashBytes(image.bytes) };
  } catch {
    // It is gone since; why it is left out is known already.
    return { content: undefined };
  }
}

/** Outcomes in order as one. */
function merge(outcomes: readonly BatchOutcome[]): BatchOutcome {
  const features = new Float32Array(outcomes.reduce((length, outcome) => length + outcome.features.length, 0));
  let offset = 0;
  for (const outcome of outcomes) {
    features.set(outcome.features, offset);
    offset += outcome.features.length;
  }
  const width = Math.max(0, ...outcomes.map((outcome) => outcome.width));
  return { images: outcomes.flatMap((outcome) => outcome.images), features, width };
}
