import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from '@jest/globals';
import { runCli } from './run-cli.ts';

const demo = fileURLToPath(new URL('../../../configs/demo.yaml', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'farout-plugin-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The energy score as plain loops over the logits; behind a hook those are the hooked ones. */
const plugin = `
import { definePlugin, defineScorer, scoresFrom } from '@farout/core';
const energyOf = (row) => {
  const most = Math.max(...row);
  return most + Math.log(row.reduce((sum, logit) => sum + Math.exp(logit - most), 0));
};
const score = ({ logits: { data, shape: [n, k] } }) =>
  Float32Array.from({ length: n }, (_, row) => energyOf(data.subarray(row * k, (row + 1) * k)));
const loops = defineScorer({ name: 'energy-in-loops', rows: () => scoresFrom(['logits'], () => score) });
export default definePlugin({ name: 'loops', scorers: [loops] });
`;

const overrides = [
  'store=store',
  'plugins=[./loops.mjs]',
  'ood=[textures]',
  'metrics=[fpr95, auroc]',
  'detectors={Energy: energy, ReAct: [react, energy], Mine: energy-in-loops, ReAct + Mine: [react, energy-in-loops]}',
  ...['objects', 'validation', 'textures'].map((set) => `datasets.${set}.demo-images.count=20`),
].flatMap((override) => ['--set', override]);

interface Results {
  readonly results: readonly { readonly detector: string }[];
}

describe('a scorer of a local file', () => {
  it('is compared with ReAct, and scores through it too', async () => {
    writeFileSync(path.join(folder, 'loops.mjs'), plugin);
    const { code, stdout } = await runCli(['run', demo, ...overrides, '--no-report', '--out', 'run'], { cwd: folder });
    expect(code).toBe(0);
    for (const row of ['ReAct', 'Mine', 'ReAct \\+ Mine']) expect(stdout).toMatch(new RegExp(`^ ${row} +\\d`, 'm'));

    // Both detectors of a pair compute the same energy, one as a graph and one in loops.
    const [, ...rows] = readFileSync(path.join(folder, 'run', 'scores.csv'), 'utf8')
      .trim()
      .split('\r\n');
    expect(rows).toHaveLength(40);
    const scores = rows.map((row) => row.split(',').slice(-4).map(Number) as [number, number, number, number]);
    for (const [energy, react, mine, reactAndMine] of scores) {
      expect(mine).toBeCloseTo(energy, 4);
      expect(reactAndMine).toBeCloseTo(react, 4);
    }
    expect(scores.some(([energy, react]) => Math.abs(energy - react) > 0.1)).toBe(true);
    const { results } = JSON.parse(readFileSync(path.join(folder, 'run', 'results.json'), 'utf8')) as Results;
    const compared = ['ReAct', 'ReAct + Mine'].map((name) => results.filter(({ detector }) => detector === name));
    // Two metrics on one set and on the average.
    expect(compared.map((cells) => cells.length)).toEqual([4, 4]);
  });
});
