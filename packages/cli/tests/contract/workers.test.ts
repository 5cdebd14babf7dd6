import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { RunResults } from '@farout/core';
import { runCli } from '../run-cli.ts';
import { demo } from '../small-demo.ts';
import { spawnCli } from '../spawn-cli.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'farout-workers-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes an experiment of three shards with an empty store of its own. ODIN behind ReAct needs what ReAct learns. */
function experiment(name: string): string {
  const file = path.join(folder, `${name}.yaml`);
  const content = {
    extends: demo,
    name: 'shared',
    plugins: [fileURLToPath(new URL('shades.ts', import.meta.url))],
    datasets: { objects: { shades: { first: 0, count: 264 } }, noise: { shades: { first: 264, count: 20 } } },
    fit: 'objects',
    ood: ['noise'],
    metrics: ['auroc'],
    detectors: { Energy: 'energy', ReAct: ['react', 'energy'], 'ReAct + ODIN': ['react', 'odin'] },
    store: path.join(folder, 'stores', name),
  };
  writeFileSync(file, JSON.stringify(content));
  return file;
}

const run = (file: string, out: string) => runCli(['run', file, '--no-report', '--out', out], { cwd: folder });
const work = (file: string, words: readonly string[]) => runCli(['work', file, ...words], { cwd: folder });
const scoresOf = (out: string) => readFileSync(path.join(folder, out, 'scores.csv'), 'utf8');
const resultsOf = (out: string) =>
  JSON.parse(readFileSync(path.join(folder, out, 'results.json'), 'utf8')) as RunResults;

interface Waves {
  readonly waves: readonly { wave: string; done: number; stretches: number; tasks: readonly { state: string }[] }[];
}

describe('tasks that fill one store', () => {
  it('leave a run nothing to read, though one of them is killed (SIGKILL) and begun again; its scores are those of one machine, to the byte', async () => {
    const file = experiment('shared');
    const task = (index: number) => ['work', file, '--task', `${index}/2`, '--cores', '1'];
    const [killed, other] = await Promise.all([
      spawnCli(task(0), { cwd: folder, env: { FAROUT_DIE_AT: '60' } }),
      spawnCli(task(1), { cwd: folder }),
    ]);
    expect(killed.signal).toBe('SIGKILL');
    expect(other).toMatchObject({ code: 0 });
    expect((await work(file, ['--task', '0/2'])).code).toBe(0);
    const early = await work(file, ['--wave', 'second', '--task', '0/1']);
    expect([early.code, early.stderr]).toEqual([1, expect.stringContaining('OOD_WORK_NOT_READY')]);
    for (const words of [
      ['--task', '1/2'],
      ['--task', '0/2'],
    ]) {
      expect((await work(file, ['--wave', 'fit', ...words])).code).toBe(0);
    }
    const second = await work(file, ['--wave', 'second']);
    expect(second.stdout).toBe('Task 0/1 of the wave "second" is done: 284 images read.\n');
    expect((await run(file, 'shared')).stderr).toContain('0 images read, all 284 in the store.');
    expect(resultsOf('shared')).toMatchObject({ imagesRead: 0, passes: [0, 0] });

    const alone = experiment('alone');
    expect((await run(alone, 'alone')).code).toBe(0);
    expect(resultsOf('alone')).toMatchObject({ passes: [284, 284] });
    expect(scoresOf('shared')).toBe(scoresOf('alone'));

    const status = await runCli(['status', file, '--json'], { cwd: folder });
    expect((JSON.parse(status.stdout) as Waves).waves).toMatchObject([
      { wave: 'features', stretches: 3, done: 3, tasks: [{ state: 'done' }, { state: 'done' }] },
      { wave: 'second', stretches: 3, done: 3, tasks: [{ state: 'done' }] },
    ]);
    const plan = await runCli(['plan', file, '--json'], { cwd: folder });
    expect(JSON.parse(plan.stdout)).toMatchObject({ images: 284, stretches: 3, missing: 0, imagesMissing: 0 });
  });

  it.each([
    ['--task', '2/2'],
    ['--task', '1'],
    ['--task', '0/0'],
    ['--cores', '0'],
    ['--wave', 'third'],
  ])('refuse a wrong request with exit code 2, so that nobody tries it again: %s %s', async (option, value) => {
    expect((await work(demo, [option, value])).code).toBe(2);
  });
});
