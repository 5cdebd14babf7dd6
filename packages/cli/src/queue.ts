import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type * as Queues from '@farout/bullmq';
import type { QueuedTask, TaskOutcome } from '@farout/bullmq';
import { FaroutError, type Logger } from '@farout/core';
import { dnsLabel } from '@farout/cluster';
import type { Experiment } from '@farout/runner';
import { exitCodes } from './command.ts';
import { userFolder, version } from './invocation.ts';

/**
 * The queue package, which is not part of farout: installed beside farout, or in the user's working directory.
 *
 * @throws FaroutError OOD_ENGINE_ABSENT if it is in neither place.
 */
export async function queues(): Promise<typeof Queues> {
  try {
    return await import('@farout/bullmq');
  } catch (error) {
    if (!isAbsent(error)) throw error;
    return (await import(inUserFolder(error))) as typeof Queues;
  }
}

function inUserFolder(cause: unknown): string {
  try {
    return pathToFileURL(createRequire(path.join(userFolder(), 'package.json')).resolve('@farout/bullmq')).href;
  } catch {
    throw new FaroutError('OOD_ENGINE_ABSENT', 'the package @farout/bullmq, which queues need, is not installed', {
      fix: `Install it: npm install @farout/bullmq@${version}`,
      cause,
    });
  }
}

const isAbsent = (error: unknown) =>
  (error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND' && String(error).includes('@farout/bullmq');

/** The name of an experiment's queue. */
export const queueOf = ({ name }: Pick<Experiment, 'name'>): string => `farout-${dnsLabel(name)}`;

/** Without built files, a process needs the TypeScript loader. */
const isSource = import.meta.url.endsWith('.ts');
const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** The command that starts this farout as a separate process, word by word. */
export const ownCommand: readonly string[] = isSource
  ? [process.execPath, here('../../../tools/start-source.mjs'), here('main.ts')]
  : [process.execPath, here('main.js')];

/** What a worker takes tasks for, and from where. */
export interface QueueWork {
  /** An address, or "bullmq" for the one in the environment. */
  readonly from: string;
  readonly experiment: Experiment;
  /** What every task gets besides its number: the experiment's file and overrides, word by word. */
  readonly words: readonly string[];
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

/**
 * Processes the tasks of an experiment from a queue, each in a separate process. So a crash of the process can be
 * distinguished from a failure of the task, and computations do not block this process's heartbeat.
 *
 * @throws FaroutError OOD_TASKS_FAILED if tasks failed permanently; whatever `workTasks` of @farout/bullmq throws.
 */
export async function workFromQueue({ from, experiment, words, signal, logger }: QueueWork): Promise<void> {
  const { queueAddress, workTasks } = await queues();
  const { failed } = await workTasks({
    address: queueAddress(from, process.env),
    queue: queueOf(experiment),
    hash: experiment.written!,
    perform: (task, stop) => perform(task, words, stop),
    signal,
    logger,
  });
  if (failed === 0) return;
  throw new FaroutError('OOD_TASKS_FAILED', `${failed} of the tasks in the queue failed`, {
    fix: 'Fix the causes shown, and submit again: only the failed tasks run again.',
  });
}

async function perform(
  { wave, task, tasks }: QueuedTask,
  words: readonly string[],
  stop: AbortSignal,
): Promise<TaskOutcome> {
  const [program, ...start] = ownCommand;
  const all = [...start, 'work', ...words, '--task', `${task}/${tasks}`, '--wave', wave];
  const child = spawn(program!, all, { stdio: ['ignore', 'ignore', 'inherit'] });
  const end = () => child.kill('SIGTERM');
  stop.addEventListener('abort', end, { once: true });
  try {
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    if (code === exitCodes.done) return { kind: 'done' };
    if (stop.aborted) return { kind: 'stopped' };
    const reason = `task ${task}/${tasks} of ${wave} ended with ${signal ?? `exit code ${code}`}`;
    return { kind: code === exitCodes.wrongRequest ? 'never' : 'again', reason };
  } finally {
    stop.removeEventListener('abort', end);
  }
}
