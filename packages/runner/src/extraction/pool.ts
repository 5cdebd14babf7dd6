import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { FaroutError } from '@farout/core';
import { forkModule } from '@farout/runtime';
import { cores } from '../cores.ts';
import { storageSources } from '../plugins/storages.ts';
import {
  isOutOfMemory,
  joinOutcomes,
  type BatchOutcome,
  type BatchRequest,
  type ImageOutcome,
  type PlainError,
  type Reply,
  type Request,
  type WorkerSetup,
} from './batch.ts';
import { hashImage, type ImageInput } from './read-image.ts';

/** A batch of work. Extra properties are returned with its outcome. */
export type Batch = BatchRequest;

/** More processes than this only cost memory: each holds the whole network. */
const mostWorkers = 8;

/** For this many images one process with all cores is as fast as several, because each must first start and open the network. */
const imagesPerWorker = 128;

/** When two workers share a device, one prepares its images while the device computes for the other. */
const workersPerDevice = 2;

/** Batches waiting or running per worker: one runs while the next is decoded. */
const batchesPerWorker = 2;

/** Worker processes that share a stream of batches. */
export class WorkerPool {
  readonly #setup: WorkerSetup;
  readonly #workers: WorkerProcess[];
  readonly #quarantine: Quarantine;

  /** `images`: the maximum number of images to expect. */
  constructor(setup: Omit<WorkerSetup, 'threads'>, images: number) {
    const all = cores();
    const useful = Math.ceil(images / imagesPerWorker);
    const size = Math.max(1, Math.min(all, useful, setup.device === 'cpu' ? mostWorkers : workersPerDevice));
    this.#setup = { ...setup, threads: Math.floor(all / size) };
    this.#workers = Array.from({ length: size }, () => new WorkerProcess(this.#setup));
    this.#quarantine = new Quarantine({ ...this.#setup, threads: 1 });
  }

  /** The number of processes. */
  get size(): number {
    return this.#workers.length;
  }

  /**
   * Waits until every worker has opened the graph. `onOpened` is called for each one.
   * @throws FaroutError OOD_WORKER_DIED or OOD_DEVICE_UNAVAILABLE
   */
  async open(onOpened: () => void): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.opened.then(onOpened)));
  }

  /** Outcomes in the order of the batches. Only a bounded number of batches is read ahead, so memory use is bounded too. */
  async *map<B extends Batch>(batches: AsyncIterable<B>): AsyncGenerator<readonly [B, BatchOutcome]> {
    const pending: (readonly [B, Promise<BatchOutcome>])[] = [];
    for await (const batch of batches) {
      pending.push([batch, this.#extract(batch)]);
      if (pending.length >= this.#workers.length * batchesPerWorker) yield await first(pending);
    }
    while (pending.length > 0) yield await first(pending);
  }

  /** The outcome of an image in a process that has the machine to itself: all others are ended first. */
  async alone(image: ImageInput, graphs: readonly number[]): Promise<BatchOutcome> {
    await Promise.all(this.#workers.map((worker) => worker.close()));
    return this.#quarantine.isolate({ images: [image], graphs });
  }

  /** Ends all processes, whatever they are doing. */
  async close(): Promise<void> {
    await Promise.all([this.#quarantine, ...this.#workers].map((member) => member.close()));
  }

  #extract(batch: Batch): Promise<BatchOutcome> {
    const outcome = this.#leastLoaded()
      .extract(batch)
      .catch((error: unknown) => {
        if (isWorthIsolating(error)) return this.#quarantine.isolate(batch);
        throw error;
      });
    // Awaited later, in order; until then a rejection must not count as unhandled.
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

/** Whether to retry a batch image by image: its process died, or ran out of memory. */
const isWorthIsolating = (error: unknown): boolean => error instanceof WorkerDied || isOutOfMemory(error);

/**
 * Handles batches whose worker died or ran out of memory: processes their images one at a time in a separate process,
 * so that the one that kills it is identified and the others succeed.
 */
export class Quarantine {
  readonly #setup: WorkerSetup;
  #worker: WorkerProcess | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(setup: WorkerSetup) {
    this.#setup = setup;
  }

  /** The outcome of a batch, with images that kill the process among the unreadable ones. Batches are processed one after another. */
  isolate(batch: Batch): Promise<BatchOutcome> {
    const outcome = this.#last.then(() => this.#oneByOne(batch));
    this.#last = outcome.catch(() => undefined);
    return outcome;
  }

  /** Ends its process. Batches that still arrive, because closing kills the workers that hold them, are rejected. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#worker?.close();
  }

  async #oneByOne({ images, graphs }: Batch): Promise<BatchOutcome> {
    const outcomes: BatchOutcome[] = [];
    for (const image of images) outcomes.push(await this.#alone(image, graphs));
    return joinOutcomes(outcomes);
  }

  async #alone(image: ImageInput, graphs: readonly number[]): Promise<BatchOutcome> {
    if (this.#closed) throw new WorkerDied('closed');
    if (!this.#worker || this.#worker.dead) this.#worker = new WorkerProcess(this.#setup);
    try {
      return await this.#worker.extract({ images: [image], graphs });
    } catch (error) {
      if (!isWorthIsolating(error)) throw error;
      const outcome = { ...(await contentOf(image)), ...passingReason(error as Error) };
      return { images: [outcome], arrays: {} };
    }
  }
}

/** The content hash of an image whose process died before reporting it. */
async function contentOf(image: ImageInput): Promise<Pick<ImageOutcome, 'content'>> {
  if ('failure' in image) return { content: undefined };
  try {
    return { content: await hashImage(image) };
  } catch {
    // The file has disappeared since; the reason for leaving it out is already known.
    return { content: undefined };
  }
}

/** The image need not be to blame: the system kills processes when memory is short. */
function passingReason(error: Error): Required<Pick<ImageOutcome, 'unreadable' | 'passing'>> {
  const { message } = error;
  if (!(error instanceof WorkerDied))
    return { unreadable: `there was not enough memory for it (${message})`, passing: 'memory' };
  const killed = message === 'SIGKILL' || message === 'SIGTERM';
  const what = killed
    ? 'the system killed its process, probably because memory was low'
    : 'it crashed the decoder or the network';
  return { unreadable: `${what} (${message})`, passing: 'died' };
}

/** The worker process ended while it held a batch. */
class WorkerDied extends Error {
  override readonly name = 'WorkerDied';
}

/** The id under which the caller of `open` waits. */
const opening = -1;

interface Waiting {
  readonly resolve: (outcome: BatchOutcome) => void;
  readonly reject: (error: Error) => void;
}

const module = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);

/** By default NVIDIA's libraries round the factors of float32 products to 10 bits (TF32), unlike the CPU and every reference. */
const fullFloat32 = { NVIDIA_TF32_OVERRIDE: '0' };

/** One worker process, as seen from the main process. */
class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  readonly #opened: Promise<void>;
  #nextId = 0;
  #death: WorkerDied | undefined;

  constructor(setup: WorkerSetup) {
    this.#child = forkModule(module, {
      env: { ...process.env, ...fullFloat32 },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#opened = this.#open();
    // Users of the worker see the failure; until then it must not count as an unhandled rejection.
    this.#opened.catch(() => undefined);
    this.#child.once('exit', (code, signal) => this.#bury(signal ?? `exit code ${code ?? 'unknown'}`));
    this.#send({ kind: 'open', setup, storages: storageSources() });
  }

  /** The number of batches it holds. */
  get load(): number {
    return this.#waiting.size;
  }

  /** Resolves when the graph is open. Rejects like `extract` if the worker fails to start. */
  get opened(): Promise<void> {
    return this.#opened;
  }

  get dead(): boolean {
    return this.#death !== undefined;
  }

  /**
   * @throws WorkerDied if the process ends before it answers.
   * @throws FaroutError OOD_WORKER_DIED or OOD_DEVICE_UNAVAILABLE if it failed to start, which is no image's fault.
   *   OOD_ONNX_REFUSED if onnxruntime refuses the graph.
   */
  async extract({ images, graphs }: Batch): Promise<BatchOutcome> {
    const id = this.#nextId++;
    const outcome = new Promise<BatchOutcome>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    // May be rejected while the opening is still awaited; the caller gets the rejection from the last line.
    outcome.catch(() => undefined);
    await this.#opened;
    if (this.#death) throw this.#death;
    this.#send({ kind: 'extract', id, images, graphs });
    return outcome;
  }

  /** Ends the process, whatever it is doing. */
  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }

  async #open(): Promise<void> {
    this.#child.on('message', (reply: Reply) => this.#receive(reply));
    try {
      await new Promise((resolve, reject) => this.#waiting.set(opening, { resolve, reject }));
    } catch (cause) {
      if (!(cause instanceof WorkerDied)) throw cause;
      throw new FaroutError('OOD_WORKER_DIED', `a worker process could not start: ${cause.message}`, {
        fix: 'See its message above; the usual cause is low memory.',
        cause,
      });
    }
  }

  #receive(reply: Reply): void {
    const id = (reply.kind === 'opened' ? undefined : reply.id) ?? opening;
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (reply.kind === 'failed') waiting?.reject(revive(reply.error));
    else waiting?.resolve(reply.kind === 'extracted' ? reply.outcome : nothing);
  }

  #send(request: Request): void {
    // A dead process is noticed by its exit, not by a failed send.
    this.#child.send(request, () => undefined);
  }

  #bury(how: string): void {
    this.#death ??= new WorkerDied(how);
    for (const { reject } of this.#waiting.values()) reject(this.#death);
    this.#waiting.clear();
  }
}

const nothing: BatchOutcome = { images: [], arrays: {} };

function revive({ name, message, stack, farout }: PlainError): Error {
  if (!farout) return Object.assign(new Error(message), { name, stack });
  const { code, fix, choices } = farout;
  return new FaroutError(code, message, { ...(fix && { fix }), ...(choices && { choices }) });
}
