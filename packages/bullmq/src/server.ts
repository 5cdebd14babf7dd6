import { FaroutError } from '@farout/core';
import { FlowProducer, Queue } from 'bullmq';
import { shownAddress } from './address.ts';
import { gateSchema, taskSchema } from './tasks.ts';

/** How many jobs of a queue there are, by what became of them. */
export interface QueueCounts {
  readonly waiting: number;
  readonly active: number;
  readonly done: number;
  readonly failed: number;
}

/** An open queue, and what adds jobs that wait for others. */
export interface OpenQueue {
  readonly queue: Queue;
  readonly flows: FlowProducer;
}

/** How often a server is tried that does not answer, half a second apart, by somebody who stands there. */
const tries = 6;

/**
 * Opens a queue for some calls and closes it.
 *
 * @throws FaroutError OOD_ENGINE_FAILED when its server does not answer or refuses.
 */
export async function withQueue<T>(address: URL, name: string, work: (open: OpenQueue) => Promise<T>): Promise<T> {
  let refusal: Error | undefined;
  const isClosed = () => /^(?:WRONGPASS|NOAUTH|NOPERM)/.test(refusal?.message ?? '');
  const connection = {
    url: address.href,
    maxRetriesPerRequest: tries,
    retryStrategy: (times: number) => (times < tries && !isClosed() ? 500 : null),
    // Else a process lives two seconds longer than its work.
    disconnectTimeout: 200,
  };
  const open = { queue: new Queue(name, { connection }), flows: new FlowProducer({ connection }) };
  // A refused password comes as an event alone; the call that waits learns no more than that the connection ended.
  const note = (error: Error) => {
    refusal ??= error;
  };
  open.queue.on('error', note);
  open.flows.on('error', note);
  try {
    return await work(open);
  } catch (error) {
    throw error instanceof FaroutError ? error : outOfReach(address, refusal ?? (error as Error));
  } finally {
    await Promise.allSettled([open.queue.close(), open.flows.close()]);
  }
}

/** That a queue's server does not answer, or refuses. */
export const outOfReach = (address: URL, cause: Error): FaroutError =>
  new FaroutError('OOD_ENGINE_FAILED', `the queue at ${shownAddress(address)} cannot be used: ${cause.message}`, {
    fix: 'Check that the server is running, and that the address has the right user and password.',
    cause,
  });

/** What a queue holds. What waits for other jobs does not count: the last of them begins it. */
export async function countJobs(queue: Queue): Promise<QueueCounts> {
  const counts = await queue.getJobCounts('waiting', 'delayed', 'prioritized', 'active', 'completed', 'failed');
  const of = (...states: readonly string[]) => states.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
  return {
    waiting: of('waiting', 'delayed', 'prioritized'),
    active: of('active'),
    done: of('completed'),
    failed: of('failed'),
  };
}

/** The experiment that a job is of; undefined for a job that nobody here made. */
export const hashOf = (data: unknown): string | undefined =>
  taskSchema.safeParse(data).data?.hash ?? gateSchema.safeParse(data).data?.hash;
