import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunResults } from '@farout/core';
import { runCli } from './run-cli.ts';
import { demo, fewImages, setting } from './small-demo.ts';

const detectors =
  'detectors={Energy: energy, ReAct: [react, energy], KNN: { knn: { k: 3 } }, ODIN: odin, RankFeat: rankfeat}';
const folder = mkdtempSync(path.join(tmpdir(), 'farout-costs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function resultsOf(...options: string[]): Promise<RunResults> {
  const overrides = setting(['store=store', 'metrics=[auroc]', detectors, ...fewImages(24)]);
  const ended = await runCli(['run', demo, ...overrides, '--out', 'run', '--no-report', ...options], { cwd: folder });
  expect(ended).toMatchObject({ code: 0 });
  return JSON.parse(readFileSync(path.join(folder, 'run/results.json'), 'utf8')) as RunResults;
}

describe('run --costs', () => {
  let results: RunResults;
  beforeAll(async () => {
    results = await resultsOf('--costs');
  });

  it('measures every detector and the network', () => {
    expect(Object.keys(results.costs!.detectors)).toEqual(['Energy', 'ReAct', 'KNN', 'ODIN', 'RankFeat']);
    for (const cost of Object.values(results.costs!.detectors)) expect(cost).toBeGreaterThan(0);
    expect(results.seconds.measure).toBeGreaterThan(0);
  });

  it('counts the passes through the network of a score that is made of the image', () => {
    const { backbone, detectors: of } = results.costs!;
    expect(of.ODIN).toBeGreaterThan(backbone!);
    expect(of.Energy).toBeLessThan(backbone!);
  });

  it('is left out where nobody asks for it, and changes no number', async () => {
    const { costs, results: numbers } = await resultsOf();
    expect(costs).toBeUndefined();
    expect(numbers).toEqual(results.results);
  });
});
