import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { RunResults } from '@farout/core';
import { demo } from '../small-demo.ts';
import { spawnCli, type Ended, type Start } from '../spawn-cli.ts';
import { scoresIn } from './scores.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'farout-two-runs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** How many images a stretch has that a run claims at once. */
const stretch = 64;

/** Writes an experiment over so many images, with an empty store. */
function experiment(name: string, inside: number, outside: number): string {
  const file = path.join(folder, `${name}.yaml`);
  const content = {
    extends: demo,
    plugins: [fileURLToPath(new URL('shades.ts', import.meta.url))],
    datasets: {
      objects: { shades: { first: 0, count: inside } },
      noise: { shades: { first: inside, count: outside } },
    },
    fit: 'objects',
    ood: ['noise'],
    metrics: ['auroc'],
    store: path.join(folder, 'stores', name),
  };
  writeFileSync(file, JSON.stringify(content));
  return file;
}

const start = (file: string, out: string, how: Start = {}): Promise<Ended> =>
  spawnCli(['run', file, '--no-report', '--out', out], { cwd: folder, ...how });

const resultsIn = (out: string) =>
  JSON.parse(readFileSync(path.join(folder, out, 'results.json'), 'utf8')) as RunResults;
/** When who computed a stretch in this store said so last; 0 when it is given up. */
const claimsIn = (name: string) => {
  const claims = path.join(folder, 'stores', name, 'claims');
  const read = (file: string) =>
    JSON.parse(readFileSync(path.join(claims, file), 'utf8')) as { data: { time: number } };
  return readdirSync(claims).map((file) => read(file).data.time);
};
const scoresFile = (out: string) => readFileSync(path.join(folder, out, 'scores.csv'), 'utf8');

describe('two runs that are started together on an empty store', () => {
  it('share the work: at most one stretch of images is read twice, both find the same, and no claim is left', async () => {
    const [inside, outside] = [520, 20];
    const file = experiment('together', inside, outside);
    const ended = await Promise.all([start(file, 'one'), start(file, 'other')]);
    expect(ended).toMatchObject([{ code: 0 }, { code: 0 }]);
    const read = ['one', 'other'].map((out) => resultsIn(out).passes![0]!);
    expect(read[0]! + read[1]!).toBeGreaterThanOrEqual(inside + outside);
    expect(read[0]! + read[1]!).toBeLessThanOrEqual(inside + outside + stretch);
    expect(scoresFile('other')).toBe(scoresFile('one'));
    // One that a process which lives on had left would keep others waiting.
    expect(new Set(claimsIn('together'))).toEqual(new Set([0]));
  });

  it('finish alone where the other one is killed (SIGKILL) in the middle of its stretch', async () => {
    const file = experiment('killed', 100, 20);
    let survivor: Promise<Ended> | undefined;
    const killed = await start(file, 'killed', {
      env: { FAROUT_DIE_AT: '40' },
      onStderr: (soFar) => {
        if (soFar.includes('objects: 100 images')) survivor ??= start(file, 'survivor');
      },
    });
    expect(killed.signal).toBe('SIGKILL');
    expect((await survivor!).code).toBe(0);
    // The same images as the first ones above.
    const [found, undisturbed] = ['survivor', 'one'].map((out) => scoresIn(scoresFile(out)).objects!);
    expect(found!.Energy).toEqual(undisturbed!.Energy!.slice(0, 100));
  });
});
