import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Queue } from 'bullmq';
import { addTasks, workTasks, type QueuedTask, type QueuedWave, type TaskOutcome } from '../src/index.ts';
import { hasRedis, RedisServer } from './redis-server.ts';

const server = new RedisServer('secret');
const sentence = 'redis-server is not on this machine';
const describeWithRedis = hasRedis ? describe : describe.skip;
if (!hasRedis) it.skip(`a queue on a real server: ${sentence}`, () => undefined);
beforeAll(async () => {
  if (hasRedis) await server.start();
});
afterAll(() => server.remove());

const hash = 'a'.repeat(64);
const other = 'b'.repeat(64);
const silent = { info: () => undefined, warn: () => undefined };
const features = (tasks: number): QueuedWave => ({ wave: 'features', tasks });
const allWaves: readonly QueuedWave[] = [features(12), { wave: 'fit', tasks: 1 }, { wave: 'second', tasks: 12 }];
const add = (queue: string, waves: readonly QueuedWave[], { of = hash, replace = false } = {}) =>
  addTasks({ address: server.address, queue, hash: of, waves, replace });

interface Work {
  readonly of?: string;
  readonly perform?: (task: QueuedTask, signal: AbortSignal) => Promise<TaskOutcome>;
  readonly signal?: AbortSignal;
}
const done = () => Promise.resolve({ kind: 'done' } as const);
const work = (queue: string, { of = hash, perform = done, signal = new AbortController().signal }: Work = {}) =>
  workTasks({ address: server.address, queue, hash: of, perform, signal, logger: silent });
const shown = ({ wave, task, tasks }: QueuedTask) => `${wave} ${task}/${tasks}`;
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error',
    (error: unknown) => (error as { code?: string }).code,
  );

/** What a queue says of a job that failed or waits. */
async function jobsOf(name: string) {
  const queue = new Queue(name, { connection: { url: server.address.href } });
  const jobs = await queue.getJobs(['failed', 'delayed', 'waiting', 'active']);
  const states = await Promise.all(
    jobs.map(async (job) => ({ state: await job.getState(), tries: job.attemptsMade, why: job.failedReason })),
  );
  await queue.close();
  return states;
}

describeWithRedis('a queue on a real server', () => {
  it('gives each task to one worker, though it was added twice, and begins a wave when the one before is done', async () => {
    const seen: string[] = [];
    await add('waves', allWaves);
    expect(await add('waves', allWaves)).toEqual({ waiting: 12, active: 0, done: 0, failed: 0 });
    const perform = (task: QueuedTask) => {
      seen.push(shown(task));
      return done();
    };
    await Promise.all([work('waves', { perform }), work('waves', { perform })]);
    const of = (wave: string) => Array.from({ length: 12 }, (_, task) => `${wave} ${task}/12`);
    expect(seen.slice(0, 12).sort()).toEqual(of('features').sort());
    expect(seen[12]).toBe('fit 0/1');
    expect(seen.slice(13).sort()).toEqual(of('second').sort());
    expect(await add('waves', allWaves)).toMatchObject({ waiting: 0, failed: 0 });
  });

  it('refuses a worker with another experiment, and keeps the task for the right one', async () => {
    await add('refused', [features(1)]);
    expect(await codeOf(work('refused', { of: other }))).toBe('OOD_QUEUE_MISMATCH');
    expect(await jobsOf('refused')).toEqual([{ state: 'waiting', tries: 0, why: undefined }]);
    expect(await work('refused')).toEqual({ waiting: 0, active: 0, done: 1, failed: 0 });
    // All is done, but nothing of the other experiment.
    expect(await codeOf(work('refused', { of: other }))).toBe('OOD_QUEUE_MISMATCH');
  });

  it('refuses tasks of another experiment until it is told to replace them', async () => {
    await add('replaced', [features(2)]);
    expect(await codeOf(add('replaced', [features(3)], { of: other }))).toBe('OOD_QUEUE_MISMATCH');
    expect(await add('replaced', [features(3)], { of: other, replace: true })).toMatchObject({ waiting: 3 });
  });

  it('refuses a worker where nothing was added', async () => {
    expect(await codeOf(work('empty'))).toBe('OOD_QUEUE_MISMATCH');
  });

  it('does not try again what no machine can do, and does so once more when it is added again', async () => {
    await add('never', [features(1)]);
    const never = () => Promise.resolve({ kind: 'never', reason: 'the experiment is wrong' } as const);
    expect(await work('never', { perform: never })).toMatchObject({ done: 0, failed: 1 });
    expect(await jobsOf('never')).toEqual([{ state: 'failed', tries: 1, why: 'the experiment is wrong' }]);
    expect(await add('never', [features(1)])).toMatchObject({ waiting: 1, failed: 0 });
    expect(await work('never')).toMatchObject({ done: 1, failed: 0 });
  });

  it('begins the next wave when a task that had failed is done at last', async () => {
    const waves = [features(2), { wave: 'fit', tasks: 1 }] as const;
    await add('mended', waves);
    const perform = ({ task }: QueuedTask) =>
      Promise.resolve(task === 1 ? ({ kind: 'never', reason: 'poisoned' } as const) : ({ kind: 'done' } as const));
    expect(await work('mended', { perform })).toMatchObject({ done: 1, failed: 1 });
    await add('mended', waves);
    // Two tasks, the one of the fit, and what began it.
    expect(await work('mended')).toEqual({ waiting: 0, active: 0, done: 4, failed: 0 });
  });

  it('tries again later what failed on this machine', async () => {
    await add('again', [features(1)]);
    const end = new AbortController();
    const perform = () => {
      setTimeout(() => end.abort(), 300);
      return Promise.resolve({ kind: 'again', reason: 'no memory' } as const);
    };
    await work('again', { perform, signal: end.signal }).catch(() => undefined);
    expect(await jobsOf('again')).toEqual([{ state: 'delayed', tries: 1, why: 'no memory' }]);
  });

  it('gets back the task of a worker that is told to stop, as if it had not been begun', async () => {
    await add('stopped', [features(1)]);
    const end = new AbortController();
    const perform = (_: QueuedTask, signal: AbortSignal) =>
      new Promise<TaskOutcome>((resolve) => {
        signal.addEventListener('abort', () => resolve({ kind: 'stopped' }));
        end.abort();
      });
    await expect(work('stopped', { perform, signal: end.signal })).rejects.toThrow('aborted');
    expect(await jobsOf('stopped')).toEqual([{ state: 'waiting', tries: 0, why: undefined }]);
  });

  it('runs nothing that others have put there', async () => {
    await add('foreign', [features(1)]);
    const queue = new Queue('foreign', { connection: { url: server.address.href } });
    await queue.add('features', { hash, wave: 'features', task: 0, tasks: 1, command: 'touch x' });
    await queue.close();
    expect(await work('foreign')).toMatchObject({ done: 1, failed: 1 });
    expect(await jobsOf('foreign')).toMatchObject([{ state: 'failed', why: 'no task of farout' }]);
  });

  it('says that a password is wrong, without the password', async () => {
    const address = new URL(server.address.href.replace('secret', 'another'));
    const failure = addTasks({ address, queue: 'closed', hash, waves: [features(1)], replace: false });
    await expect(failure).rejects.toMatchObject({ code: 'OOD_ENGINE_FAILED' });
    await expect(failure).rejects.not.toThrow(/another|secret/);
  });
});
