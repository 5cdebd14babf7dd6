// Executes the task on stdin, and says what became of it. SIGTERM stops it, which FAROUT_STOP_AFTER lets it send to itself once so many
// images are done.
import { json } from 'node:stream/consumers';
import type { ExtractionTask } from '@farout/core';
import { executeTask } from '@farout/runner';
import { builtIns } from '../../src/built-ins.ts';

const stop = new AbortController();
process.on('SIGTERM', () => stop.abort());

let left = Number(process.env.FAROUT_STOP_AFTER ?? Infinity);
const done = (images: number) => {
  left -= images;
  if (left <= 0) process.kill(process.pid, 'SIGTERM');
};

const task = (await json(process.stdin)) as ExtractionTask;
try {
  process.stdout.write(JSON.stringify(await executeTask(task, { builtIns, signal: stop.signal, done })));
} catch (error) {
  if (!stop.signal.aborted) throw error;
}
