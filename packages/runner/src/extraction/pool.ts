import { availableParallelism } from 'node:os';
import type { BatchOutcome, ImageInput, WorkerSetup } from './messages.ts';
import { isWorthIsolating, Quarantine } from './quarantine.ts';
import { WorkerProcess } from './worker-process.ts';

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
