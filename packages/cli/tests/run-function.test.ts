import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { RunResults } from '@farout/core';
import { run as runWith, type RunEvent } from '@farout/runner';
import { builtIns } from '../src/built-ins.ts';
import { run } from '../src/run.ts';
import { demo, fewImages, setting } from './small-demo.ts';
import { runCli } from './run-cli.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'farout-run-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const text = (...names: string[]) => readFileSync(path.join(folder, ...names), 'utf8');
/** What results.json says, but for how long it took and how much the store knew. */
function resultsIn(out: string) {
  const results = JSON.parse(text(out, 'results.json')) as RunResults;
  // The page shows both, and so its hash and that of the whole differ.
  return {
    ...results,
    seconds: undefined,
    imagesRead: undefined,
    passes: undefined,
    sha256: undefined,
    files: Object.keys(results.files!),
  };
}
const set = [
  ...fewImages(24),
  'metrics=[auroc]',
  'detectors={Energy: energy, ReAct: [react: {percentile: 90}, energy]}',
];

describe('run', () => {
  it('does what the command does: the same files, the same scores, the same results', async () => {
    const { code } = await runCli(['run', demo, ...setting(set), '--out', 'command'], { cwd: folder });
    expect(code).toBe(0);
    const { results, out } = await run(demo, { set, cwd: folder, out: 'function' });
    expect(out).toBe(path.join(folder, 'function'));
    expect(readdirSync(out).sort()).toEqual(readdirSync(path.join(folder, 'command')).sort());
    expect(text('function', 'scores.csv')).toBe(text('command', 'scores.csv'));
    expect(resultsIn('function')).toEqual(resultsIn('command'));
    expect(results.results).toEqual(resultsIn('command').results);
  });

  it('of @farout/runner does the same with the parts that it is given, and writes to runs/<name>', async () => {
    const { out } = await runWith(demo, { builtIns, set, cwd: folder });
    expect(out).toBe(path.join(folder, 'runs', 'demo'));
    expect(text('runs', 'demo', 'scores.csv')).toBe(text('function', 'scores.csv'));
    expect(readdirSync(out).sort()).toEqual(readdirSync(path.join(folder, 'function')).sort());
  });

  it('tells what happens, and stops where its signal says', async () => {
    const events: RunEvent[] = [];
    const controller = new AbortController();
    const onEvent = (event: RunEvent) => {
      events.push(event);
      if (event.event === 'pass-end') controller.abort();
    };
    const request = { set: [...set, 'store=other'], cwd: folder, out: 'stopped', signal: controller.signal, onEvent };
    await expect(run(demo, request)).rejects.toMatchObject({ name: 'Interrupted' });
    // How often progress is told depends on how fast the machine is.
    const told = events.map(({ event }) => event).filter((event) => !/^(progress|prepar)/.test(event));
    expect(told).toEqual(['start', 'stage', 'stage', 'info', 'pass', 'pass-end']);
  });

  it('throws every mistake of the experiment', async () => {
    const mistaken = run(demo, { set: ['detectors={A: enrgy, B: mps}'], cwd: folder });
    await expect(mistaken).rejects.toMatchObject({ errors: [{ code: 'OOD_UNKNOWN_SCORER' }, { code: 'OOD_UNKNOWN_SCORER' }] }); // prettier-ignore
  });
});
