// An executor that runs each task in another process, which shares nothing with the run but the store.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { definePlugin, tokens, type Executor, type ExtractionTask, type TaskOutcome } from '@farout/core';

const here = path.dirname(fileURLToPath(import.meta.url));
const starter = path.join(here, '../../../../tools/start-source.mjs');

/** What became of a task; undefined where it was stopped. */
async function elsewhere(
  task: ExtractionTask,
  signal: AbortSignal,
  env: NodeJS.ProcessEnv,
): Promise<TaskOutcome | undefined> {
  const child = spawn(process.execPath, [starter, path.join(here, 'execute.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  const stop = () => child.kill('SIGTERM');
  signal.addEventListener('abort', stop);
  child.stdin.end(JSON.stringify(task));
  const [said] = await Promise.all([text(child.stdout), once(child, 'close')]);
  signal.removeEventListener('abort', stop);
  signal.throwIfAborted();
  return said === '' ? undefined : (JSON.parse(said) as TaskOutcome);
}

/** Processes with this environment besides. */
export const executorWith = (env: NodeJS.ProcessEnv): Executor => ({
  run: async (tasks, { signal, done }) => {
    const outcomes: TaskOutcome[] = [];
    for (const task of tasks) {
      signal.throwIfAborted();
      const outcome = await elsewhere(task, signal, env);
      if (outcome) outcomes.push(outcome);
      done(task.images.length);
    }
    return outcomes;
  },
});

export default definePlugin({ name: 'elsewhere', services: { [tokens.executor]: () => executorWith({}) } });
