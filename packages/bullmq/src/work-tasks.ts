import { setTimeout as pause } from 'node:timers/promises';
import { FaroutError, type Logger } from '@farout/core';
import { FlowProducer, Queue, UnrecoverableError, WaitingError, Worker, type Job } from 'bullmq';
import { addWaves } from './add-tasks.ts';
import { countJobs, hashOf, outOfReach, withQueue, type QueueCounts } from './server.ts';
import { gateSchema, taskSchema, type QueuedTask } from './tasks.ts';

/** The outcome of a task: done; stopped by a signal; or failed, and whether a retry makes sense. */
export type TaskOutcome =
  { readonly kind: 'done' | 'stopped' } | { readonly kind: 'again' | 'never'; readonly reason: string };

/** A queue, and how to perform its tasks. */
export interface WorkRequest {
  readonly address: URL;
  readonly queue: string;
  /** SHA-256 of this worker's experiment with its overrides. */
  readonly hash: string;
  /** Performs a task. Stops early when the signal is aborted. */
  readonly perform: (task: QueuedTask, signal: AbortSignal) => Promise<TaskOutcome>;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** After how many ms of silence the task of a worker is given to another one. */
  readonly lockDuration?: number;
}

/** How often a task may stall (its worker went silent) before it counts as failed. */
const mostStalls = 2;
/** How often an idle worker checks whether all is done, in ms. */
const lookEvery = 1000;
/** How long the server may be unreachable, in ms. */
const patience = 10 * 60_000;

/**
 * Takes tasks from a queue, one at a time, until all are done, including those of other workers: these may come back.
 *
 * If a worker dies, its task goes to another worker; the third time, the task counts as failed. While the server is unreachable, the current task
 * continues.
 *
 * @returns the contents of the queue at the end.
 * @throws FaroutError OOD_QUEUE_MISMATCH when the queue has tasks of another experiment, which stay there, or no tasks; OOD_ENGINE_FAILED when
 *   the server refuses or is unreachable for ten minutes.
 */
export async function workTasks(request: WorkRequest): Promise<QueueCounts> {
  await withQueue(request.address, request.queue, ({ queue }) => refuseOthers(queue, request.hash));
  const worker = new QueueWorker(request);
  try {
    return await worker.work();
  } finally {
    await worker.close();
  }
}

class QueueWorker {
  readonly #request: WorkRequest;
  readonly #queue: Queue;
  readonly #flows: FlowProducer;
  readonly #worker: Worker;
  /** Aborted by anything that ends the work early; the reason is its error, if any. */
  readonly #end = new AbortController();
  /** Since when the server is unreachable. */
  #away: number | undefined;

  constructor(request: WorkRequest) {
    this.#request = request;
    const { address, queue, lockDuration = 30_000 } = request;
    const retryStrategy = (times: number) => Math.min(250 * times, 5000);
    const connection = { url: address.href, maxRetriesPerRequest: null, retryStrategy };
    this.#queue = new Queue(queue, { connection });
    this.#flows = new FlowProducer({ connection });
    this.#worker = new Worker(queue, (job, token) => this.#take(job, token!), {
      connection,
      autorun: false,
      lockDuration,
      stalledInterval: lockDuration,
      maxStalledCount: mostStalls,
      drainDelay: 1,
      runRetryDelay: 1000,
    });
    const note = (error: Error) => this.#noteError(error);
    this.#queue.on('error', note);
    this.#flows.on('error', note);
    this.#worker.on('error', note);
    this.#worker.on('failed', (job, { message }) => request.logger.warn(`${job?.id ?? 'A task'} failed: ${message}`));
  }

  async work(): Promise<QueueCounts> {
    const { signal } = this.#request;
    const stop = () => this.#end.abort(undefined);
    signal.addEventListener('abort', stop, { once: true });
    try {
      if (signal.aborted) stop();
      else void this.#worker.run();
      return await this.#untilDone();
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  /** Waits for the current task. An unfinished task goes back to the queue, unless the server is unreachable. */
  async close(): Promise<void> {
    const isAway = this.#away !== undefined;
    await this.#worker.close(isAway);
    await Promise.all(
      isAway ? [this.#queue.disconnect(), this.#flows.close()] : [this.#queue.close(), this.#flows.close()],
    );
  }

  async #untilDone(): Promise<QueueCounts> {
    const ended = new Promise<never>((_, reject) => {
      this.#end.signal.addEventListener('abort', () => reject(this.#end.signal.reason as Error), { once: true });
    });
    // It may be aborted while nothing awaits it.
    ended.catch(() => undefined);
    for (;;) {
      this.#end.signal.throwIfAborted();
      const counts = await Promise.race([countJobs(this.#queue), ended]);
      this.#away = undefined;
      if (counts.waiting + counts.active === 0) return counts;
      await Promise.race([pause(lookEvery), ended]);
    }
  }

  async #take(job: Job, token: string): Promise<void> {
    const { hash } = this.#request;
    const found = hashOf(job.data);
    if (found === undefined) throw new UnrecoverableError('no task of farout');
    if (found !== hash) return this.#giveBack(job, token, otherExperiment(this.#queue.name));
    const { data: gate } = gateSchema.safeParse(job.data);
    if (gate) return addWaves(this.#flows, this.#queue.name, { hash, waves: gate.next });
    const outcome = await this.#request.perform(taskSchema.parse(job.data), this.#end.signal);
    if (outcome.kind === 'stopped') return this.#giveBack(job, token);
    if (outcome.kind === 'never') throw new UnrecoverableError(outcome.reason);
    if (outcome.kind === 'again') throw new Error(outcome.reason);
  }

  /** Returns a job to the queue for others, and ends the work: otherwise this worker would take it again. */
  async #giveBack(job: Job, token: string, why?: FaroutError): Promise<never> {
    this.#end.abort(why);
    void this.#worker.close();
    await job.moveToWait(token);
    throw new WaitingError();
  }

  /** Connections retry by themselves; a lasting problem is reported once. */
  #noteError(error: Error): void {
    const { address, logger } = this.#request;
    if (!isOutage(error)) {
      logger.warn(`The queue: ${error.message}`);
      return;
    }
    if (this.#away === undefined) logger.warn('The queue does not answer; trying again. The current task continues.');
    this.#away ??= Date.now();
    if (Date.now() - this.#away > patience) this.#end.abort(outOfReach(address, error));
  }
}

const isOutage = (error: NodeJS.ErrnoException) =>
  error.code !== undefined && /^(?:ECONN|ETIMEDOUT|EHOST|ENET|EPIPE|EAI_AGAIN|ENOTFOUND)/.test(error.code);

/** The states of jobs to inspect, and the limit per state, when checking whether a queue has jobs of an experiment. */
const states = ['waiting', 'active', 'delayed', 'waiting-children', 'completed', 'failed'] as const;
const looked = 100;

/** Refuses a queue without a task of this experiment: it must not look as if all tasks were done. */
async function refuseOthers(queue: Queue, hash: string): Promise<void> {
  const jobs = await queue.getJobs([...states], 0, looked - 1);
  if (jobs.some(({ data }) => hashOf(data) === hash)) return;
  if (jobs.length > 0) throw otherExperiment(queue.name);
  throw new FaroutError('OOD_QUEUE_MISMATCH', `the queue "${queue.name}" has no tasks`, {
    fix: 'Add some with farout submit <experiment> --to bullmq --tasks <n>, or give the address of the right server.',
  });
}

const otherExperiment = (name: string) =>
  new FaroutError(
    'OOD_QUEUE_MISMATCH',
    `the queue "${name}" has tasks of another experiment, or of an earlier version of this one`,
    {
      fix: 'Start the workers with the file and the overrides that were submitted, or submit again with -- --replace.',
    },
  );
