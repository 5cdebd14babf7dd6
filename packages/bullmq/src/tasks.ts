import { z } from '@farout/core';

/** One task of a wave, as stored in a job. Others can write to queues, so it is validated before use. */
export const taskSchema = z.strictObject({
  /** SHA-256 of the experiment with its overrides. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  wave: z.enum(['features', 'fit', 'second']),
  task: z.number().int().min(0),
  tasks: z.number().int().min(1),
});

export type QueuedTask = z.infer<typeof taskSchema>;

/** A wave with its number of tasks. */
export interface QueuedWave {
  readonly wave: QueuedTask['wave'];
  readonly tasks: number;
}

const waveSchema = z.strictObject({ wave: taskSchema.shape.wave, tasks: taskSchema.shape.tasks });

/** A job that waits for all tasks of a wave, then adds the next waves. */
export const gateSchema = z.strictObject({
  hash: taskSchema.shape.hash,
  next: z.array(waveSchema).min(1).max(3),
});

export type Gate = z.infer<typeof gateSchema>;

/** All waves of one experiment, in order. */
export interface QueuedExperiment {
  readonly hash: string;
  readonly waves: readonly QueuedWave[];
}

/** Retries for a task that failed but may succeed; pauses double, starting at five seconds. */
const retrying = { attempts: 6, backoff: { type: 'exponential', delay: 5000 } } as const;

const shortened = (hash: string) => hash.slice(0, 16);

/** The jobs for the tasks of a wave. Their ids are derived from their content, so adding them twice adds them once. */
export const taskJobs = (queueName: string, hash: string, { wave, tasks }: QueuedWave) =>
  Array.from({ length: tasks }, (_, task) => ({
    name: wave,
    queueName,
    data: { hash, wave, task, tasks } satisfies QueuedTask,
    opts: { ...retrying, jobId: `${shortened(hash)}-${wave}-${task}-${tasks}` },
  }));

/** The job that starts the next waves when all tasks of a wave are done. */
export const gateJob = (queueName: string, hash: string, next: readonly QueuedWave[], tasks: number) => ({
  name: 'next',
  queueName,
  data: { hash, next: [...next] } satisfies Gate,
  opts: { ...retrying, jobId: `${shortened(hash)}-before-${next[0]!.wave}-${tasks}` },
});
