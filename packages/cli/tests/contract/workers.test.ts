import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { RunResults } from '@farout/core';
import { runCli } from '../run-cli.ts';
import { demo } from '../small-demo.ts';
import { spawnCli } from '../spawn-cli.ts';
import { shade } from './shades.ts';

/** Ends a worker process over a file of that name. */
const deadly = new URL('../../../runner/tests/fixtures/crash-on-deadly.mjs', import.meta.url);
const folder = mkdtempSync(path.join(tmpdir(), 'farout-workers-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes an experiment of six shards with an empty store of its own. ODIN behind ReAct needs what ReAct learns. */
function experiment(name: string, differs: object = {}): string {
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
    ...differs,
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
      { wave: 'features', stretches: 6, done: 6, tasks: [{ state: 'done' }, { state: 'done' }] },
      { wave: 'second', stretches: 6, done: 6, tasks: [{ state: 'done' }] },
    ]);
    const plan = await runCli(['plan', file, '--json'], { cwd: folder });
    expect(JSON.parse(plan.stdout)).toMatchObject({ images: 284, stretches: 6, missing: 0, imagesMissing: 0 });
  });

  it('keep what they have read when they are stopped (SIGTERM), end by the signal, and go on from there', async () => {
    const file = experiment('stopped');
    const stopped = await spawnCli(['work', file], { cwd: folder, env: { FAROUT_STOP_AT: '200' } });
    expect([stopped.signal, stopped.stdout]).toEqual(['SIGTERM', '']);
    expect(stopped.stderr).toContain('the same task continues from there');
    const status = await runCli(['status', file, '--json'], { cwd: folder });
    expect((JSON.parse(status.stdout) as Waves).waves[0]!.tasks).toMatchObject([{ state: 'stopped' }]);
    const [, read] = /is done: (\d+) images read/.exec((await work(file, [])).stdout)!;
    // It was told to stop at the 200th image of 284; some batches were under way.
    expect(Number(read)).toBeGreaterThan(0);
    expect(Number(read)).toBeLessThan(184);
  });

  it('leave out an image that ends its worker process, say so, and let the run try it once more', async () => {
    const images = path.join(folder, 'images');
    mkdirSync(images);
    for (let at = 0; at < 12; at++)
      writeFileSync(path.join(images, at === 7 ? 'deadly.png' : `${at}.png`), shade(300 + at));
    const ood = { 'image-folder': { root: images } };
    const file = experiment('deadly', { datasets: { objects: { shades: { first: 0, count: 20 } }, noise: ood } });
    const env = { NODE_OPTIONS: `--import ${deadly.href}`, DEADLY: 'SIGKILL' };
    const worked = await spawnCli(['work', file], { cwd: folder, env });
    expect(worked).toMatchObject({ code: 0 });
    expect(worked.stdout).toMatch(/images read, 1 image left out\.\n$/);
    expect(await run(file, 'deadly')).toMatchObject({ code: 0 });
    expect(resultsOf('deadly').passes![0]).toBe(1);
    expect(scoresOf('deadly')).toContain('deadly.png');
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
