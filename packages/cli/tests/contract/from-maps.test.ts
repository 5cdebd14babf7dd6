import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunResults } from '@farout/core';
import { runCli } from '../run-cli.ts';
import { demo } from '../small-demo.ts';
import { scoresIn, type Scores } from './scores.ts';

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const maps = path.join(process.env.FAROUT_DATA ?? here('../../../../../shared/data'), 'golden/catalogue/demo-maps');

const folder = mkdtempSync(path.join(tmpdir(), 'farout-from-maps-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the demonstration's network with these datasets and detectors, without a report. */
async function runDemo(name: string, experiment: object): Promise<{ results: RunResults; scores: Scores }> {
  const file = path.join(folder, `${name}.yaml`);
  const plugins = [here('golden-images.ts')];
  writeFileSync(file, JSON.stringify({ extends: demo, plugins, metrics: ['auroc'], store: 'store', ...experiment }));
  const { code, stderr } = await runCli(['run', file, '--no-report', '--out', name], { cwd: folder });
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const text = (of: string) => readFileSync(path.join(folder, name, of), 'utf8');
  return { results: JSON.parse(text('results.json')) as RunResults, scores: scoresIn(text('scores.csv')) };
}

const demoImages = (set: string, count: number, seed: number) => ({ 'demo-images': { set, count, seed } });

/** Rectification thresholds of the reference numbers: 90th percentiles of what DAVIS gives over 2,000 images. */
const afterMax = 4.344819688796997;
const afterStd = 2.0558471679687504;
/** The published share k₂ of 1 % would be none of 96 channels. */
const shares = { k1: 10, k2: 5 };

const davisDetectors = {
  'davis-max': ['davis', 'energy'],
  'davis-max+react': ['davis', { react: { c: afterMax } }, 'energy'],
  'davis-std0.5': [{ davis: { pool: 'mean-std' } }, 'energy'],
  'davis-std0.5+react': [{ davis: { pool: 'mean-std' } }, { react: { c: afterStd } }, 'energy'],
};

describe('detectors that look at images and maps', () => {
  let found: Awaited<ReturnType<typeof runDemo>>;
  beforeAll(async () => {
    found = await runDemo('few', {
      datasets: {
        objects: demoImages('objects', 4, 3),
        textures: demoImages('textures', 4, 3),
        validation: demoImages('objects', 200, 2),
        noise: demoImages('noise', 24, 3),
      },
      ood: ['textures'],
      detectors: {
        ...davisDetectors,
        RankFeat: 'rankfeat',
        LINe: ['line', 'energy'],
        'AdaSCALE-A': [{ 'adascale-a': shares }, 'energy'],
        'AdaSCALE-L': [{ 'adascale-l': shares }, 'energy'],
        Mahalanobis: { mahalanobis: { magnitude: 0.0014, units: 'normalised' } },
        'Mahalanobis against noise': { mahalanobis: { magnitude: 0.0014, units: 'normalised', against: 'noise' } },
      },
    });
  });

  // The authors' own code on these images; what learns: its formula in NumPy and PyTorch, float64, on the same 200 images.
  it.each([
    ['davis-max', [41.62638, 77.09483, 34.58374, 47.77322, 11.03405, 17.14764, 80.42863, 21.8144]],
    ['davis-max+react', [35.48446, 44.33709, 33.6054, 39.97341, 11.03405, 16.3587, 36.05989, 20.89303]],
    ['davis-std0.5', [21.74556, 40.7724, 18.69289, 25.70954, 7.14089, 10.99548, 58.13554, 10.78293]],
    ['davis-std0.5+react', [18.4572, 22.85172, 17.50938, 20.67849, 7.14089, 9.170613, 17.61719, 10.11034]],
    ['RankFeat', [12.5654509, 14.8015809, 10.4255836, 7.95194792, 5.83268214, 7.30091969, 6.05387445, 5.85653346]],
    ['LINe', [9.044358, 9.494737, 8.907125, 9.600026, 5.57234, 5.537909, 7.928796, 6.282619]],
    ['AdaSCALE-A', [94.07561, 102.1822, 99.84977, 117.8091, 48.44695, 52.85622, 168.9998, 50.75232]],
    ['AdaSCALE-L', [50.5069, 46.09905, 53.77783, 64.07504, 26.18115, 28.13783, 73.41926, 27.23282]],
    // Where the gradient is next to 0, its sign in float32 is another one.
    ['Mahalanobis', [1.145921, -4.822939, -6.156703, -1.022809, -13.2677, -39.53872, -251.7486, -32.79332]],
  ])('%s gives the numbers of its formula', (name, expected) => {
    const { objects, textures } = found.scores;
    const all = [...objects![name]!, ...textures![name]!].slice(0, expected.length);
    expect(
      all.map((score, row) => Math.abs(score / expected[row]! - 1) < (name === 'Mahalanobis' ? 2e-3 : 1e-4)),
    ).toEqual(expected.map(() => true));
  });

  it('refuses a hook before DAVIS, which would be lost', async () => {
    const file = path.join(folder, 'behind.yaml');
    const detectors = { Behind: [{ react: { c: 1 } }, 'davis', 'energy'] };
    writeFileSync(file, JSON.stringify({ extends: demo, detectors }));
    const { code, stderr } = await runCli(['check', file], { cwd: folder });
    expect([code, stderr]).toEqual([2, expect.stringContaining('would be lost')]);
  });

  it('reads every image twice at most: for what depends on nothing learnt, and for what does', () => {
    expect(found.results.passes).toEqual([4 + 4 + 200 + 24, 4 + 4 + 200 + 24]);
  });
});

const itWithData = existsSync(maps) ? it : it.skip;

describe('the same on 128 images of which the authors’ own code has given the numbers', () => {
  itWithData('DAVIS and RankFeat agree with it (needs golden/catalogue)', async () => {
    const rows = (first: number, end: number) => ({
      'npy-images': { file: path.join(maps, 'images.npy'), first, end },
    });
    const { scores } = await runDemo('golden', {
      datasets: { objects: rows(0, 64), textures: rows(64, 128), validation: demoImages('objects', 8, 2) },
      ood: ['textures'],
      detectors: {
        ...davisDetectors,
        rankfeat: 'rankfeat',
      },
    });
    const reference = columnsOf(readFileSync(path.join(maps, 'scores.csv'), 'utf8'));
    for (const name of [...Object.keys(davisDetectors), 'rankfeat']) {
      const expected = reference[`${name}/${name === 'rankfeat' ? 'openood' : 'davis-authors'}`]!;
      const differing = [...scores.objects![name]!, ...scores.textures![name]!].filter(
        (score, row) => !(Math.abs(score / expected[row]! - 1) < 3e-6),
      );
      expect({ name, differing }).toEqual({ name, differing: [] });
    }
  });
});

function columnsOf(csv: string): Readonly<Record<string, readonly number[]>> {
  const lines = csv.trim().split('\n');
  const [names, ...rows] = lines.map((line) => line.split(','));
  return Object.fromEntries(names!.map((name, at) => [name, rows.map((row) => Number(row[at]))]));
}
