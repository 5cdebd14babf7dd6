import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { writeNpy } from '@farout/checkpoints';
import { runCli } from './run-cli.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'farout-features-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const [rows, width, classes, side] = [700, 4, 3, 2];
const numbers = (count: number, seed: number) => Float32Array.from({ length: count }, (_, i) => Math.sin(i * seed) * 3);
const h = numbers(rows * width, 1.7);
const map = numbers(rows * width * side * side, 0.9);
const w = numbers(classes * width, 2.3);
const b = numbers(classes, 0.4);

/** A scorer of what it finds of a tap, and a part that looks at an image. */
const plugin = `
import { definePlugin, defineScorer } from '@farout/core';
const peak = defineScorer({
  name: 'peak',
  readings: ({ tap }) => ({ peak: tap('layer4').max([1, 2, 3]) }),
  score: (_, __, { readings }) => readings.peak,
});
const direct = defineScorer({ name: 'direct', score: ({ tap }) => tap('layer4').max([1, 2, 3]) });
export default definePlugin({ name: 'peaks', scorers: [peak, direct] });
`;

const experiment = (more = '') => `
name: dumped
device: cpu
plugins: [./peaks.mjs]
store: store
backbone: { features: { weight: w.npy, bias: b.npy } }
datasets:
  fit: { features: { file: h.npy, limit: 100 } }
  inside: { features: { file: h.npy, from: 100, limit: 300, arrays: { layer4: map.npy } } }
  outside: { features: { file: h.npy, from: 400, arrays: { layer4: map.npy } } }
id: inside
ood: [outside]
detectors: { Energy: energy, Peak: peak, Direct: direct, ODIN: odin }
metrics: [auroc]
${more}`;

const saved = (name: string, data: Float32Array, shape: number[]) =>
  writeFileSync(path.join(folder, name), writeNpy({ data, shape }));
const farout = async (text: string, ...words: string[]) => {
  writeFileSync(path.join(folder, 'dumped.yaml'), text);
  return runCli([words[0]!, 'dumped.yaml', ...words.slice(1)], { cwd: folder });
};

beforeAll(() => {
  saved('h.npy', h, [rows, width]);
  saved('map.npy', map, [rows, width, side, side]);
  saved('w.npy', w, [classes, width]);
  saved('b.npy', b, [classes]);
  writeFileSync(path.join(folder, 'peaks.mjs'), plugin);
});

describe('an experiment over features that were made elsewhere', () => {
  it('scores the rows of the files, and lets the detectors fail that look at images', async () => {
    const { code, stdout } = await farout(experiment(), 'run', '--out', 'run', '--no-report');
    expect(stdout).toContain('ODIN: it needs images; only stored features are available');
    expect(code).toBe(1);
    const lines = readFileSync(path.join(folder, 'run', 'scores.csv'), 'utf8')
      .trim()
      .split('\n')
      .slice(1);
    expect(lines).toHaveLength(600);
    for (const [at, line] of lines.entries()) {
      const row = at + 100;
      const [set, image, , , energy, peak, direct] = line.split(',');
      expect([set, image]).toEqual([row < 400 ? 'inside' : 'outside', String(row)]);
      expect(Number(energy)).toBeCloseTo(energyOf(row), 4);
      const peaks = map.subarray(row * width * side * side, (row + 1) * width * side * side);
      expect([peak, direct].map((score) => Math.fround(Number(score)))).toEqual([
        Math.max(...peaks),
        Math.max(...peaks),
      ]);
    }
  });

  it('is checked without an image, and rows that are in two sets are told', async () => {
    const overlapping = experiment('fit: fit')
      .replace('from: 100, limit: 300', 'from: 50, limit: 350')
      .replace('Energy: energy', 'Energy: [react, energy]')
      .replace(', ODIN: odin', '');
    const check = await farout(overlapping.replace(', Peak: peak, Direct: direct', ''), 'check');
    expect({ code: check.code, stderr: check.stderr }).toEqual({ code: 0, stderr: '' });
    const { stdout } = await farout(
      overlapping.replace(', Peak: peak, Direct: direct', ''),
      'run',
      '--out',
      'both',
      '--no-report',
    );
    expect(stdout).toContain('50 images of fit (fit) also in inside (ID), for example 50');
  });

  it.each([
    [
      'a network that reads images',
      (text: string) => text.replace(/backbone: .*/, 'backbone: demo-resnet'),
      'has features, but the backbone "demo-resnet" reads images',
    ],
    [
      'another last layer',
      (text: string) => text.replace('weight: w.npy', 'weight: w2.npy').replace(', bias: b.npy', ''),
      'has 4 features per row, but the last layer reads 2',
    ],
    [
      'maps of fewer rows',
      (text: string) => text.replaceAll('map.npy', 'fewer.npy'),
      'has 700 rows of features, but 6 of "layer4"',
    ],
  ])('is refused with %s', async (_, change, message) => {
    saved('w2.npy', w.slice(0, 6), [3, 2]);
    saved('fewer.npy', map.slice(0, 6 * 16), [6, width, side, side]);
    const { code, stderr } = await farout(change(experiment()), 'check');
    expect(code).not.toBe(0);
    expect(stderr).toContain(message);
  });

  it('names a file of a map of paths that is not there', async () => {
    const { stderr } = await farout(experiment().replaceAll('map.npy', 'gone.npy'), 'check');
    expect(stderr).toContain('Correct "arrays.layer4"');
  });
});

function energyOf(row: number): number {
  const logits = Array.from({ length: classes }, (_, k) =>
    Array.from({ length: width }, (_value, d) => h[row * width + d]! * w[k * width + d]!).reduce(
      (sum, each) => sum + each,
      b[k]!,
    ),
  );
  return Math.log(logits.reduce((sum, each) => sum + Math.exp(each), 0));
}
