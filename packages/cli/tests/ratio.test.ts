import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { curveOf, type RunResults } from '@farout/core';
import { loadExperiment } from '@farout/runner';
import { builtIns } from '../src/built-ins.ts';
import { runCli } from './run-cli.ts';
import { demo, setting } from './small-demo.ts';

const idScores = Float32Array.of(9, 8, 8, 7, 6.5, 6, 5, 5, 4.5, 4, 3, 2.5, 2, 9.5, 7.5, 5.5, 3.5, 6.25, 8.25, 1.5);
const oodScores = Float32Array.of(0.5, 1, 1.5, 2, 2, 3, 4, 5, 5, 6.5, 7, 0.25, 0.75, 1.25, 8);

/** Of these 20 and 15 scores with `sample_weight` 1 and ratio · 20 / 15: scikit-learn 1.2.1 (average precision), the others by NumPy. */
const expected: Record<string, Record<string, number>> = {
  1: {
    'average-precision-in': 0.7381581894255087,
    'average-precision-out': 0.7984101514010769,
    'detection-error': 0.28333333333333327,
    'aupr-in': 0.7302292569247649,
    'aupr-out': 0.7749696068283642,
  },
  0.1: {
    'average-precision-in': 0.9630690134029711,
    'average-precision-out': 0.4796752065959684,
    'detection-error': 0.0606060606060606,
    'aupr-in': 0.9406231832649877,
    'aupr-out': 0.47352755037661187,
  },
  10: {
    'average-precision-in': 0.31185510787417225,
    'average-precision-out': 0.970075964418547,
    'detection-error': 0.07727272727272726,
    'aupr-in': 0.3280887154455684,
    'aupr-out': 0.9381804988611412,
  },
};
const cases = Object.entries(expected).flatMap(([ratio, values]) =>
  Object.entries(values).map(([metric, value]) => [metric, Number(ratio), value] as const),
);

const experimentWith = (metrics: unknown, folder = tmpdir()) =>
  loadExperiment({ file: demo, set: [`metrics=${JSON.stringify(metrics)}`], cwd: folder, env: {}, builtIns });

describe('a metric at a ratio of the sets', () => {
  it.each(cases)('%s at ratio %d is what others measure with weights', async (name, ratio, value) => {
    const { metrics } = await experimentWith([{ [name]: { ratio } }]);
    expect(metrics).toMatchObject([{ name: `${name} at ratio ${ratio}`, convention: `ratio ${ratio}` }]);
    expect(metrics[0]!.value(curveOf(idScores, oodScores))).toBeCloseTo(value, 12);
  });

  it('gives what images give that are there so many times, and nothing new where the sets have the ratio', async () => {
    const { metrics } = await experimentWith([
      'aupr-out',
      { 'aupr-out': { ratio: 3 } },
      { 'aupr-out': { ratio: 0.75 } },
    ]);
    const [plain, three, own] = metrics.map(({ value }) => value);
    const four = Float32Array.from({ length: 60 }, (_, image) => oodScores[image % 15]!);
    expect(three!(curveOf(idScores, oodScores))).toBeCloseTo(plain!(curveOf(idScores, four)), 12);
    expect(own!(curveOf(idScores, oodScores))).toBe(plain!(curveOf(idScores, oodScores)));
  });

  it('weighs by the weights that images have already', async () => {
    const { metrics } = await experimentWith([{ 'aupr-in': { ratio: 1 } }]);
    const twice = { id: idScores.map(() => 2), ood: oodScores.map(() => 5) };
    const [one, other] = [curveOf(idScores, oodScores), curveOf(idScores, oodScores, twice)];
    expect(metrics[0]!.value(other)).toBeCloseTo(metrics[0]!.value(one), 12);
  });
});

describe('a run with metrics at a ratio', () => {
  let folder: string;
  let results: RunResults;
  const metrics = ['auroc', 'aupr-in', { 'aupr-in': { ratio: 1 } }, { 'aupr-in': { ratio: 4 } }];
  const overrides = [
    'store=store',
    'ood=[noise]',
    'detectors={MSP: msp}',
    `metrics=${JSON.stringify(metrics)}`,
    'published={ MSP: { noise: { "aupr-in at ratio 1": 0.5 } } }',
    'datasets.objects.demo-images.count=60',
    'datasets.noise.demo-images.count=15',
  ];
  let shown: string;
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'farout-ratio-'));
    const ended = await runCli(['run', demo, ...setting(overrides), '--out', 'out'], { cwd: folder });
    expect(ended).toMatchObject({ code: 0 });
    shown = ended.stdout;
    results = JSON.parse(readFileSync(path.join(folder, 'out', 'results.json'), 'utf8')) as RunResults;
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('tells them apart by their names, and published numbers stand beside them', () => {
    const names = ['auroc', 'aupr-in', 'aupr-in at ratio 1', 'aupr-in at ratio 4'];
    expect(results.metrics.map(({ name }) => name)).toEqual(names);
    const [, plain, one, four] = names.map((name) => results.results.find(({ metric }) => metric === name)!);
    expect(one).toMatchObject({ published: 0.5 });
    expect([plain!.published, four!.published]).toEqual([undefined, undefined]);
    // 15 OOD images to 60 are a ratio of ¼: the more of them, the lower is the precision.
    expect(plain!.value).toBeGreaterThan(one!.value);
    expect(one!.value).toBeGreaterThan(four!.value);
    expect(shown).toContain('AUPR-in, ratio 4');
    expect(results.metrics[2]!.note).toContain('here the OOD images together weigh as much as the ID images');
  });

  it('holds them as an experiment that can be run again', async () => {
    const written = results.experiment as { metrics: unknown };
    expect(written.metrics).toEqual(metrics);
    const again = await experimentWith(written.metrics, folder);
    expect(again.metrics.map(({ name }) => name)).toEqual(results.metrics.map(({ name }) => name));
  });
});
