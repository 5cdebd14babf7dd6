import { availableParallelism } from 'node:os';
import { hashBytes } from '../store/entries.ts';
import { hashImageFile, isOutOfMemory } from './batch.ts';
import type { BatchOutcome, ImageInput, ImageOutcome, WorkerSetup } from './messages.ts';
import { WorkerDied, WorkerProcess } from './worker-process.ts';

/** Work that carries its images; what else it carries comes back with the outcome. */
export interface Batch {
  readonly images: readonly ImageInput[];
}

/** More processes than this give nothing but memory used: each holds the whole network. */
const mostWorkers = 8;

/** Of two workers that share a device, one prepares its images while the device computes for the other. */
const workersPerDevice = 2;

/** How many batches wait or run per worker: one runs while the next is decoded. */
const batchesPerWorker = 2;

/** Worker processes that share a stream of batches. */
export class WorkerPool {
  readonly #setup: WorkerSetup;
  readonly #workers: WorkerProcess[];
  readonly #quarantine: Quarantine;

  constructor(setup: Omit<WorkerSetup, 'threads'>) {
    const cores = availableParallelism();
    const size = Math.min(cores, setup.device === 'cpu' ? mostWorkers : workersPerDevice);
    this.#setup = { ...setup, threads: Math.floor(cores / size) };
    this.#workers = Array.from({ length: size }, () => new WorkerProcess(this.#setup));
    this.#quarantine = new Quarantine({ ...this.#setup, threads: 1 });
  }

  /** How many processes there are. */
  get size(): number {
    return this.#workers.length;
  }

  /**
   * Waits until every worker has opened the graph; `onOpened` is told each time that one has.
   * @throws FaroutError OOD_WORKER_DIED or OOD_DEVICE_UNAVAILABLE
   */
  async open(onOpened: () => void): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.opened.then(onOpened)));
  }

  /** Outcomes in the order of the batches. A bounded number of batches is taken ahead, so memory does not grow with them. */
  async *map<B extends Batch>(batches: AsyncIterable<B>): AsyncGenerator<readonly [B, BatchOutcome]> {
    const pending: (readonly [B, Promise<BatchOutcome>])[] = [];
    for await (const batch of batches) {
      pending.push([batch, this.#extract(batch.images)]);
      if (pending.length >= this.#workers.length * batchesPerWorker) yield await first(pending);
    }
    while (pending.length > 0) yield await first(pending);
  }

  /** The outcome of an image in a process that has the machine to itself: the others end first. */
  async alone(image: ImageInput): Promise<BatchOutcome> {
    await Promise.all(this.#workers.map((worker) => worker.close()));
    return this.#quarantine.isolate([image]);
  }

  /** Ends all processes, whatever they are doing. */
  async close(): Promise<void> {
    await Promise.all([this.#quarantine, ...this.#workers].map((member) => member.close()));
  }

  #extract(images: readonly ImageInput[]): Promise<BatchOutcome> {
    const outcome = this.#leastLoaded()
      .extract(images)
      .catch((error: unknown) => {
        if (isWorthIsolating(error)) return this.#quarantine.isolate(images);
        throw error;
      });
    // It is awaited in its turn; until then it is nobody's unhandled rejection.
    outcome.catch(() => undefined);
    return outcome;
  }

  #leastLoaded(): WorkerProcess {
    this.#workers.forEach((worker, index) => {
      if (worker.dead) this.#workers[index] = new WorkerProcess(this.#setup);
    });
    return this.#workers.reduce((least, worker) => (worker.load < least.load ? worker : least));
  }
}

async function first<B>(pending: (readonly [B, Promise<BatchOutcome>])[]): Promise<readonly [B, BatchOutcome]> {
  const [batch, outcome] = pending.shift()!;
  return [batch, await outcome];
}

/** Whether a batch may come through image by image: its process died, or got no memory. */
const isWorthIsolating = (error: unknown): boolean => error instanceof WorkerDied || isOutOfMemory(error);

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
      return { images: [outcome], rows: new Float32Array(0), width: 0 };
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
  const rows = new Float32Array(outcomes.reduce((length, outcome) => length + outcome.rows.length, 0));
  let offset = 0;
  for (const outcome of outcomes) {
    rows.set(outcome.rows, offset);
    offset += outcome.rows.length;
  }
  const width = Math.max(0, ...outcomes.map((outcome) => outcome.width));
  return { images: outcomes.flatMap((outcome) => outcome.images), rows, width };
}
