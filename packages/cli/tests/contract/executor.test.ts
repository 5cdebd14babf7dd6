import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunResults } from '@farout/core';
import { runCli } from '../run-cli.ts';
import { demo } from '../small-demo.ts';
import type { Ended } from '../spawn-cli.ts';
import { scoresIn } from './scores.ts';
import { shade } from './shades.ts';

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'farout-executor-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** 48 images out of a dataset of a plugin, 8 in files. */
const images = 48 + 8;

beforeAll(() => {
  mkdirSync(path.join(folder, 'textures'));
  for (let seed = 100; seed < 108; seed++) writeFileSync(path.join(folder, 'textures', `${seed}.png`), shade(seed));
});

/** Runs it with a store of its own. */
function start(name: string, plugins: readonly string[], detectors: object): Promise<Ended> {
  const file = path.join(folder, `${name}.yaml`);
  const experiment = {
    extends: demo,
    plugins: ['parts.ts', 'shades.ts', ...plugins].map(here),
    datasets: { objects: { shades: { first: 0, count: 48 } }, textures: { 'image-folder': { root: 'textures' } } },
    fit: 'objects',
    ood: ['textures'],
    metrics: ['auroc'],
    detectors,
    store: path.join(folder, 'stores', name),
  };
  writeFileSync(file, JSON.stringify(experiment));
  return runCli(['run', file, '--no-report', '--out', name], { cwd: folder });
}

/** Runs it, and says what the run finds. */
async function runIn(name: string, plugins: readonly string[], detectors: object) {
  const { code, stderr } = await start(name, plugins, detectors);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const out = path.join(folder, name);
  const results = JSON.parse(readFileSync(path.join(out, 'results.json'), 'utf8')) as RunResults;
  const fitted = readdirSync(path.join(out, 'fitted')).sort();
  return {
    passes: results.passes,
    found: {
      failed: results.failed,
      fitted: results.fitted,
      arrays: fitted.map((array) => [array, readFileSync(path.join(out, 'fitted', array), 'base64')]),
      scores: readFileSync(path.join(out, 'scores.csv'), 'utf8'),
    },
  };
}

describe('an executor that shares nothing with the run but the store', () => {
  const onePass = { Taps: { 'two-taps': { early: 'layer1', late: 'layer4' } }, Drawn: 'drawn' };
  const detectors = { ...onePass, Moved: 'moved' };
  let alone: Awaited<ReturnType<typeof runIn>>;
  beforeAll(async () => {
    alone = await runIn('alone', [], detectors);
  });

  it('leaves the same scores and the same that was learnt as a run without it, in both passes', async () => {
    const elsewhere = await runIn('elsewhere', ['elsewhere.ts'], detectors);
    expect(elsewhere).toEqual(alone);
    expect(alone.passes).toEqual([images, images]);
    expect(alone.found.failed).toEqual([]);
  });

  it('ends the run by a code where it gives no outcomes of its tasks', async () => {
    const { code, stderr } = await start('nonsense', ['nonsense-elsewhere.ts'], onePass);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/\bread\b[\s\S]*\[OOD_PLUGIN_FAILED\]/),
    });
  });

  it('may be stopped by SIGTERM: the rows that it has stay, and what it leaves undone the run makes itself', async () => {
    const { passes, found } = await runIn('stopped', ['stopped-elsewhere.ts'], onePass);
    // Nothing is heard of tasks that are stopped: what counts is read by the run, or by the task of 8 if that ended by itself.
    const [read] = passes as [number];
    expect(read > 8 && read <= images - 8).toBe(true);
    const [stopped, undisturbed] = [found, alone.found].map(({ scores }) => scoresIn(scores));
    for (const set of ['objects', 'textures']) {
      const { Taps, Drawn } = undisturbed![set]!;
      expect(stopped![set]).toMatchObject({ Taps, Drawn });
    }
  });
});
