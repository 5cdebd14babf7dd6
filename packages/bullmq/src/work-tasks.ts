import { setTimeout as pause } from 'node:timers/promises';
import { FaroutError, type Logger } from '@farout/core';
import { FlowProducer, Queue, UnrecoverableError, WaitingError, Worker, type Job } from 'bullmq';
import { addWaves } from './add-tasks.ts';
import { countJobs, hashOf, outOfReach, withQueue, type QueueCounts } from './server.ts';
import { gateSchema, taskSchema, type QueuedTask } from './tasks.ts';

/** What became of a task: done; stopped by a signal, and not its fault; failed, and worth another try or not. */
export type TaskOutcome =
  { readonly kind: 'done' | 'stopped' } | { readonly kind: 'again' | 'never'; readonly reason: string };

/** A queue, and who works on what it holds. */
export interface WorkRequest {
  readonly address: URL;
  readonly queue: string;
  /** SHA-256 of the experiment with its overrides, as this worker has it. */
  readonly hash: string;
  /** Does a task. It ends early when the signal is aborted. */
  readonly perform: (task: QueuedTask, signal: AbortSignal) => Promise<TaskOutcome>;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** After how many milliseconds the task of a silent worker goes to another one. */
  readonly lockDuration?: number;
}

/** How often a worker that fell silent in the middle of a task is put down to chance. */
const mostStalls = 2;
/** How often an idle worker looks whether all is done, in milliseconds. */
const lookEvery = 1000;
/** How long the server may be away, in milliseconds. */
const patience = 10 * 60_000;

/**
 * Takes tasks from a queue, one at a time, until all are done, also those of other workers: theirs may come back.
 *
 * A worker that dies falls silent, and its task goes to another one; the third time it counts as failed. While the server is away the task under
 * way goes on.
 *
 * @returns what the queue holds at the end.
 * @throws FaroutError OOD_QUEUE_MISMATCH when the queue holds tasks of another experiment, which stay there, or none at all; OOD_ENGINE_FAILED when
 *   its server refuses, or is away for ten minutes.
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
  /** Aborted by what ends the work before all is done, with its error where it is one. */
  readonly #end = new AbortController();
  /** Since when the server is away. */
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

  /** Waits for the task under way, which is given back where it is not done. Without a server there is nobody to give it to. */
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
    // It may be aborted where nobody waits.
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

  /** Leaves a job as it was found, for others, and ends the work: else it would be the next one to be taken. */
  async #giveBack(job: Job, token: string, why?: FaroutError): Promise<never> {
    this.#end.abort(why);
    void this.#worker.close();
    await job.moveToWait(token);
    throw new WaitingError();
  }

  /** The connections try again by themselves; what they cannot do is told once. */
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

/** In which states jobs are looked at, and how many of each at most, to know whether a queue has any of an experiment. */
const states = ['waiting', 'active', 'delayed', 'waiting-children', 'completed', 'failed'] as const;
const looked = 100;

/** A queue without a task of this experiment is no queue where all of them are done. */
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
