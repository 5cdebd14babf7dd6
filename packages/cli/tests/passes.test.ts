import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunResults } from '@farout/core';
import { runCli } from './run-cli.ts';

const demo = fileURLToPath(new URL('../../../configs/demo.yaml', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'farout-passes-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Images of each of the three sets: one in distribution, one to learn from, one out of it. */
const count = 24;
const all = 3 * count;
const compared = 2 * count;

/** Scorers that read maps: the last one, and all that there are, convolutions too. */
const plugin = `
import { definePlugin, defineScorer } from '@farout/core';
const last = defineScorer({
  name: 'last-map',
  readings: ({ tap }) => ({ maxima: tap().max([2, 3]) }),
  score: (network, params, { readings }) => readings.maxima.mean(),
});
const means = (names, map) => names.map((name) => [name, map(name).mean([2, 3])]);
const every = defineScorer({
  name: 'every-map',
  readings: ({ taps, tap, convolutions, convolution }) =>
    Object.fromEntries([...means(taps, tap), ...means(convolutions, convolution)]),
  score: (network, params, { readings }) =>
    Object.values(readings).map((reading) => reading.mean()).reduce((sum, each) => sum.add(each)),
});
export default definePlugin({ name: 'maps', scorers: [last, every] });
`;
beforeAll(() => writeFileSync(path.join(folder, 'maps.mjs'), plugin));

/** Runs the demonstration with few images and these detectors, from a store of this name. */
async function run(detectors: string, store: string): Promise<RunResults> {
  const words = [
    `store=${store}`,
    'plugins=[./maps.mjs]',
    'ood=[textures]',
    'metrics=[auroc]',
    `detectors=${detectors}`,
    ...['objects', 'validation', 'textures'].map((set) => `datasets.${set}.demo-images.count=${count}`),
  ].flatMap((override) => ['--set', override]);
  const { code, stderr } = await runCli(['run', demo, ...words, '--no-report', '--out', 'run'], { cwd: folder });
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(readFileSync(path.join(folder, 'run', 'results.json'), 'utf8')) as RunResults;
}

const odins =
  'ODIN: odin, Bare: { odin: { temperature: 1, magnitude: 0 } }, Weak: { odin: { temperature: 10, magnitude: 0.001 } }';

describe('ODIN at three temperatures and magnitudes, features and a map', () => {
  it('decode each image once on an empty store, and none the second time', async () => {
    const detectors = `{ ${odins}, Map: last-map, Energy: energy }`;
    const first = await run(detectors, 'once');
    expect([first.passes, first.imagesRead]).toEqual([[all], all]);
    const second = await run(detectors, 'once');
    expect([second.passes, second.imagesRead]).toEqual([[0], 0]);
    expect(second.results).toEqual(first.results);
  });

  it('decode the images that are compared once more, behind a learnt ReAct, and no others', async () => {
    const learnt = `{ ${odins}, ReAct + ODIN: [react, odin], Map: last-map, Energy: energy }`;
    const first = await run(learnt, 'twice');
    expect(first.passes).toEqual([all, compared]);
    expect((await run(learnt, 'twice')).passes).toEqual([0, 0]);
    const given = `{ ${odins}, ReAct + ODIN: [react: { c: 1 }, odin], Map: last-map, Energy: energy }`;
    expect((await run(given, 'given')).passes).toEqual([all]);
    expect((await run(learnt.replace('odin],', 'odin], ReAct + Weak: [react, odin: { magnitude: 0.001 }],'), 'twice')).passes).toEqual([0, compared]); // prettier-ignore
  });
});

/** The blocks of the features in a store, which are called by the SHA-256 of their bytes, below the key of the reading. */
function featureBlocks(store: string): string[] {
  const readings = path.join(folder, store, 'readings');
  const isFeatures = (key: string) =>
    readFileSync(path.join(readings, key, 'about.json'), 'utf8').includes('"what":"the features"');
  const keys = readdirSync(readings).filter(isFeatures);
  return keys.flatMap((key) =>
    readdirSync(path.join(readings, key))
      .filter((file) => file.endsWith('.npy'))
      .map((file) => `${key} ${file}`),
  );
}

it('features are the same bits with and without every other reading', async () => {
  await run('{ Energy: energy }', 'alone');
  const everything = await run(`{ ${odins}, Maps: every-map, Energy: energy }`, 'beside');
  expect([everything.failed, everything.passes]).toEqual([[], [all]]);
  expect(readdirSync(path.join(folder, 'beside', 'readings')).length).toBeGreaterThan(15);
  const alone = featureBlocks('alone');
  expect(alone).toHaveLength(3);
  expect(featureBlocks('beside').sort()).toEqual(alone.sort());
});
