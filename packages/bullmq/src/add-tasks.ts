import { FaroutError } from '@farout/core';
import type { FlowProducer, Queue } from 'bullmq';
import { countJobs, hashOf, withQueue, type QueueCounts } from './server.ts';
import { gateJob, taskJobs, type QueuedExperiment } from './tasks.ts';

/** An experiment to add to a queue. */
export interface AddRequest extends QueuedExperiment {
  readonly address: URL;
  /** The name of the queue. */
  readonly queue: string;
  /** Whether to delete the current content of the queue. */
  readonly replace: boolean;
}

/**
 * Adds the tasks of an experiment to a queue: the first wave, and a job that adds the next waves when all its tasks are done. Existing tasks are
 * kept; failed tasks are retried. So adding twice is harmless, and adding again resumes.
 *
 * @returns the contents of the queue afterwards.
 * @throws FaroutError OOD_QUEUE_MISMATCH when the queue has jobs of another experiment, OOD_ENGINE_FAILED when the server does not answer.
 */
export const addTasks = ({ address, queue: name, replace, hash, waves }: AddRequest): Promise<QueueCounts> =>
  withQueue(address, name, async ({ queue, flows }) => {
    if (replace) await queue.obliterate({ force: true });
    else await refuseOthers(queue, hash);
    await addWaves(flows, name, { hash, waves });
    for (const job of await queue.getFailed()) await job.retry('failed', { resetAttemptsMade: true });
    return countJobs(queue);
  });

/** Adds the tasks of the first wave, and a job that waits for them and adds the next waves. */
export async function addWaves(flows: FlowProducer, name: string, { hash, waves }: QueuedExperiment): Promise<void> {
  const [wave, ...next] = waves;
  const tasks = wave ? taskJobs(name, hash, wave) : [];
  if (next.length > 0) await flows.add({ ...gateJob(name, hash, next, wave!.tasks), children: tasks });
  else await flows.addBulk(tasks);
}

/** Refuses jobs of another experiment; completed ones do not matter. */
async function refuseOthers(queue: Queue, hash: string): Promise<void> {
  const jobs = await queue.getJobs(['waiting', 'active', 'delayed', 'failed', 'waiting-children']);
  if (jobs.every(({ data }) => hashOf(data) === hash)) return;
  throw new FaroutError('OOD_QUEUE_MISMATCH', `the queue "${queue.name}" has tasks of another experiment`, {
    fix: 'If the experiment has changed since, add: -- --replace. Work already in the store is not repeated. Otherwise rename one of the two experiments.',
  });
}
