import { strict as assert } from 'node:assert';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { addTasks } from '@farout/bullmq';
import { RedisServer } from '../../packages/bullmq/tests/redis-server.ts';
import { farout } from '../farout-process.ts';
import { scoresOfOneMachine, secondsSince, writeExperiment } from './experiment.ts';
import type { Needs } from './needs.ts';

export const needs: Needs = { programs: ['redis-server'], debian: ['redis-server'] };

const hash = 'f'.repeat(64);
const tasks = 200;

/**
 * Real Redis. Adds 200 tasks twice, while a worker is killed in the middle of a task and the server is killed and restarted: no task may be lost or
 * done twice. Also runs an experiment from a queue, kills one of its workers, and expects the same bytes as from a single machine.
 */
export async function redis(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'farout-queue-'));
  const server = new RedisServer('secret');
  const running: ChildProcess[] = [];
  try {
    await server.start();
    await countsTasks(server, folder, running);
    await worksOnExperiment(server, folder);
  } finally {
    for (const child of running) endGroup(child);
    await server.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A process with its descendants. */
function endGroup(child: ChildProcess): void {
  try {
    process.kill(-child.pid!, 'SIGKILL');
  } catch {
    // It has already ended.
  }
}

async function countsTasks(server: RedisServer, folder: string, running: ChildProcess[]): Promise<void> {
  const begin = performance.now();
  const add = () =>
    addTasks({ address: server.address, queue: 'counted', hash, waves: [{ wave: 'features', tasks }], replace: false });
  await add();
  const { waiting } = await add();
  assert.equal(waiting, tasks, 'adding twice added more');
  const log = path.join(folder, 'log');
  const start = () => {
    const words = [
      '--import',
      new URL('../ts.mjs', import.meta.url).href,
      fileURLToPath(new URL('counting-worker.ts', import.meta.url)),
    ];
    const child = spawn(process.execPath, [...words, server.address.href, 'counted', hash, log], {
      detached: true,
      stdio: 'inherit',
    });
    running.push(child);
    return child;
  };
  const ends = [start(), start()].map((child) => once(child, 'exit'));
  const victim = start();
  await until(() => lines(log, 'end').length > 20 && heldBy(log, victim.pid!) !== undefined);
  const held = heldBy(log, victim.pid!)!;
  endGroup(victim);
  const killed = performance.now();
  await until(() => lines(log, 'end').length > 80);
  await server.kill();
  await setTimeout(1000);
  await server.start();
  await until(() => lines(log, 'end').some(({ task }) => task === held));
  console.log(`redis: the task of a killed worker was done by another one after ${secondsSince(killed)}`);
  for (const [code] of await Promise.all(ends)) assert.equal(code, 0);
  const done = lines(log, 'end').map(({ task }) => task);
  assert.equal(new Set(done).size, tasks, 'tasks were lost');
  assert.equal(done.length, tasks, 'tasks were done twice');
  const begun = lines(log, 'begin').length;
  console.log(
    `redis: of ${tasks} tasks added twice, none was lost or done twice; ${begun} starts (${secondsSince(begin)})`,
  );
}

interface Line {
  readonly what: string;
  readonly worker: number;
  readonly task: number;
}

function lines(log: string, what: string): Line[] {
  let text = '';
  try {
    text = readFileSync(log, 'utf8');
  } catch {
    // Nothing has started yet.
  }
  const all = text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);
  return all.filter((line) => line.what === what);
}

/** The current task of a worker. */
const heldBy = (log: string, worker: number): number | undefined => {
  const ended = new Set(lines(log, 'end').map(({ task }) => task));
  return lines(log, 'begin').find((line) => line.worker === worker && !ended.has(line.task))?.task;
};

async function until(isSo: () => boolean): Promise<void> {
  const end = Date.now() + 600_000;
  while (!isSo()) {
    if (Date.now() > end) throw new Error('timed out');
    await setTimeout(20);
  }
}

async function worksOnExperiment(server: RedisServer, folder: string): Promise<void> {
  const experiment = writeExperiment(folder, "'; touch x; '");
  const expected = await scoresOfOneMachine(experiment, folder);
  const begin = performance.now();
  const words = [experiment, '--set', `store=${path.join(folder, 'store')}`];
  const env = { FAROUT_QUEUE: server.address.href };
  for (const isFirst of [true, false]) {
    const { code, stdout, stderr } = await farout(['submit', ...words, '--to', 'bullmq', '--tasks', '4'], { env });
    assert.equal(code, 0, stderr);
    assert.ok(stdout.includes(': 4 tasks waiting, 0 active, 0 done.'), `${isFirst}: ${stdout}`);
    assert.ok(!`${stdout}${stderr}`.includes('secret'), 'the password is shown');
  }
  const work = ['work', ...words, '--from', 'bullmq', '--cores', '1', '--quiet'];
  const [worker, killed] = await Promise.all([farout(work, { env }), farout(work, { env, killAfter: 15_000 })]);
  assert.equal(killed.code, null, 'the worker ended before it was killed');
  assert.equal(worker.code, 0, worker.stderr);
  assert.ok(worker.stdout.includes('All tasks in the queue are done.'), worker.stdout);
  const out = path.join(folder, 'out');
  const { code, stderr } = await farout(['run', ...words, '--out', out, '--no-report']);
  assert.equal(code, 0, stderr);
  assert.ok(!stderr.includes('images/s'), `the run read images:\n${stderr}`);
  assert.ok(readFileSync(path.join(out, 'scores.csv')).equals(expected), 'the scores differ from those of one machine');
  const other = await farout(['work', experiment, '--set', 'seed=7', '--from', 'bullmq'], { env });
  assert.equal(other.code, 2, other.stdout);
  assert.ok(other.stderr.includes('[OOD_QUEUE_MISMATCH]'), other.stderr);
  console.log(`redis: scores.csv equals that of one machine; the run read no images (${secondsSince(begin)})`);
}
