import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { defineHook, defineScorer, z, type Learnt, type ReportData } from '@farout/core';
import { hookThreshold, UnitStatistics } from '../../src/report-data/rectification.ts';
import { runExperiment } from '../../src/run-experiment.ts';
import { CountingProgress, detector, part, temporaryFolder, tinyExperiment, writeImages } from '../fixtures/tiny.ts';

const maxLogit = defineScorer({ name: 'max-logit', params: z.object({}), score: ({ logits }) => logits.max() });
const clip = defineHook({ name: 'clip', params: z.object({}), features: (h) => h.minimum(0.5) });

/** Scores, but cannot be built a second time, to be drawn. */
function buildsOnce() {
  let isBuilt = false;
  return defineHook({
    name: 'once',
    params: z.object({}),
    features: (h) => {
      if (isBuilt) throw new Error('only once');
      isBuilt = true;
      return h.mul(2);
    },
  });
}

it('what one hook does that cannot be drawn is lacking, with a warning, and what the others do is there', async () => {
  const folder = await temporaryFolder();
  const id = await writeImages(path.join(folder, 'id'), 0, 4);
  const ood = await writeImages(path.join(folder, 'ood'), 100, 103);
  const detectors = [detector('Once', maxLogit, [part(buildsOnce())]), detector('Clip', maxLogit, [part(clip)])];
  const warnings: string[] = [];
  const { out, results } = await runExperiment(tinyExperiment({ id, ood, detectors }, path.join(folder, 'store')), {
    out: path.join(folder, 'run'),
    logger: { info: () => undefined, warn: (sentence) => warnings.push(sentence) },
    progress: new CountingProgress(),
    reporters: [],
  });
  expect(results.failed).toEqual([]);
  expect(warnings).toEqual(['The report lacks what the hooks of "Once" do: only once']);
  const data = JSON.parse(await readFile(path.join(out, 'report-data.json'), 'utf8')) as ReportData;
  expect(data.rectifications.map((one) => one.detectors)).toEqual([['Clip']]);
});

const definition = defineHook({ name: 'clip', params: z.object({}) });
const hook = (params: Record<string, unknown>, learnt: Learnt = {}) => ({ definition, params, learnt });

describe('hookThreshold', () => {
  it.each([
    ['the c that was learnt', [hook({}, { c: { data: Float64Array.of(1.5), shape: [] } })], 1.5],
    ['the c that was given', [hook({ c: 2 })], 2],
    ['the first hook that has one', [hook({ gain: 3 }), hook({ c: 2 }), hook({ c: 4 })], 2],
    ['nothing where no hook has one', [hook({ gain: 3 })], undefined],
    ['nothing where c is an array', [hook({}, { c: { data: Float64Array.of(1, 2), shape: [2] } })], undefined],
  ])('is %s', (_, hooks, expected) => {
    expect(hookThreshold(hooks)).toBe(expected);
  });
});

const rows = (data: number[], width: number) => ({
  data: Float32Array.from(data),
  shape: [data.length / width, width] as const,
});

describe('UnitStatistics', () => {
  it('knows mean, population deviation and range of every unit over blocks of any size', () => {
    const statistics = new UnitStatistics();
    const blocks = [
      [1, 10, 2, -20, 6, 30],
      [4, 0],
      [7, 5, -2, 8],
    ];
    for (const block of blocks) statistics.add(rows(block, 2));
    const { mean, deviation } = statistics.moments();
    [0, 1].forEach((unit) => {
      const values = blocks.flat().filter((_, i) => i % 2 === unit);
      const expected = values.reduce((sum, v) => sum + v, 0) / values.length;
      const variance = values.reduce((sum, v) => sum + (v - expected) ** 2, 0) / values.length;
      expect(mean[unit]).toBeCloseTo(expected, 12);
      expect(deviation[unit]).toBeCloseTo(Math.sqrt(variance), 12);
    });
    expect([statistics.low, statistics.high]).toEqual([-20, 30]);
  });

  it('keeps the digits of a small spread far from zero', () => {
    const statistics = new UnitStatistics();
    for (let block = 0; block < 50; block++) statistics.add(rows([16777214, 16777216, 16777214, 16777216], 1));
    expect(statistics.moments().deviation[0]).toBeCloseTo(1, 12);
  });
});
