import path from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { defineMetric, defineScorer, scoresFrom, z, type DatasetImage } from '@farout/core';
import type { Detector, Experiment } from '../../src/experiment.ts';
import { runExperiment } from '../../src/run-experiment.ts';
import {
  CountingProgress,
  dataset,
  detector,
  firstFeature,
  part,
  silent,
  temporaryFolder,
  tinyExperiment,
  writeImages,
} from '../fixtures/tiny.ts';

/** What the seeds 0, 1 and 2 draw, by `luck`: the first one alone prefers `early`. */
const moved = { even: [0, 0, 0], early: [-0.2, 0.4, 0.4], late: [0.1, -0.3, -0.3], brittle: [0, 0, 0] };

/** The first feature, and what the seed draws once for each row before. */
const lucky = defineScorer({
  name: 'lucky',
  draws: true,
  params: z.object({ luck: z.enum(['even', 'early', 'late', 'brittle']).default('even') }),
  rows: ({ luck }) =>
    scoresFrom(['features'], ({ seed }) => {
      if (luck === 'brittle' && seed === 1) throw new Error('no such seed');
      return ({ features: { data, shape } }) =>
        Float32Array.from({ length: shape[0] }, (_, row) => data[row * shape[1]]! + moved[luck][seed]! * row);
    }),
});

/** The highest OOD score, which follows what is drawn. */
const highest = defineMetric({
  name: 'highest',
  better: 'lower',
  value: ({ thresholds, ood }) => thresholds[ood.findIndex((weight) => weight > 0)]!,
});

const pointsOf = (of: string, lucks: readonly string[]) =>
  lucks.map((luck): Detector => ({
    name: `${of} (luck ${luck})`,
    hooks: [],
    scorer: part(lucky, { luck }),
    point: { of, values: [{ part: 0, parameter: 'luck', label: 'lucky.luck', value: luck }] },
  }));

let folder: string;
let sets: Readonly<Record<'id' | 'ood' | 'judged' | 'strange', DatasetImage[]>>;
beforeAll(async () => {
  folder = await temporaryFolder();
  const write = (name: string, from: number, to: number) => writeImages(path.join(folder, name), from, to);
  sets = {
    id: await write('id', 0, 12),
    ood: await write('ood', 100, 110),
    judged: await write('judged', 40, 50),
    strange: await write('strange', 60, 68),
  };
});

function experimentOf(detectors: readonly Detector[], change: Partial<Experiment> = {}): Experiment {
  const tiny = tinyExperiment({ id: sets.id, ood: sets.ood, detectors }, path.join(folder, 'store'));
  const more = [['judged', dataset(sets.judged)] as const, ['strange', dataset(sets.strange)] as const];
  return { ...tiny, metrics: [highest], seeds: 3, datasets: new Map([...tiny.datasets, ...more]), ...change };
}

const select = (change: Partial<Experiment['select']> = {}): Pick<Experiment, 'select'> => {
  const { place } = detector('', firstFeature).scorer;
  const on = { id: ['judged'], ood: ['strange'] };
  return { select: { by: highest, ...on, show: 'chosen', allowTestSets: false, place, ...change } };
};

async function run(experiment: Experiment) {
  const options = { out: path.join(folder, 'run'), logger: silent, progress: new CountingProgress(), reporters: [] };
  return (await runExperiment(experiment, options)).results;
}

describe('choosing parameters of what draws, with several seeds', () => {
  it('judges every point by the mean over the seeds', async () => {
    const points = pointsOf('Lucky', ['even', 'early', 'late']);
    const direct = await run(experimentOf(points, { id: ['judged'], ood: ['strange'] }));
    const worth = direct.results.filter(({ ood }) => ood === 'average').map(({ value }) => value);
    const { chosen } = await run(experimentOf(points, select()));
    expect(chosen!.Lucky!.points.map(({ value }) => value)).toEqual(worth);
    expect(chosen!.Lucky).toMatchObject({ row: 'Lucky', values: { 'lucky.luck': 'late' } });
    const alone = await run(experimentOf(points, { ...select(), seeds: 1 }));
    expect(alone.chosen!.Lucky!.values).toEqual({ 'lucky.luck': 'early' });
  });

  it('tests the chosen point with all seeds, as a run does in which it is written', async () => {
    const first = detector('First', firstFeature);
    const found = await run(experimentOf([first, ...pointsOf('Lucky', ['even', 'late'])], select()));
    const written = await run(
      experimentOf([first, { name: 'Lucky', hooks: [], scorer: part(lucky, { luck: 'late' }) }]),
    );
    expect(found.results).toEqual(written.results);
    const seeds = found.results.map(({ detector: row, seeds: over }) => [row, over?.count]);
    expect(seeds).toEqual([
      ['First', undefined],
      ['First', undefined],
      ['Lucky', 3],
      ['Lucky', 3],
    ]);
    expect(found.remarks!.join()).toContain('Means over the 3 seeds 0 to 2');
  });

  it('shows all points, each as a mean over the seeds', async () => {
    const { results, chosen } = await run(experimentOf(pointsOf('Lucky', ['even', 'late']), select({ show: 'all' })));
    const rows = results.filter(({ ood }) => ood === 'average').map(({ detector: row, seeds }) => [row, seeds!.count]);
    expect(rows).toEqual([
      ['Lucky (luck even)', 3],
      ['Lucky (luck late)', 3],
    ]);
    expect(chosen!.Lucky!.row).toBe('Lucky (luck late)');
  });

  it('passes over a point that one seed fails with', async () => {
    const { chosen, failed, results } = await run(experimentOf(pointsOf('Lucky', ['brittle', 'even']), select()));
    expect(chosen!.Lucky!.points.map(({ value }) => value === null)).toEqual([true, false]);
    expect(failed).toEqual([]);
    expect(results).toHaveLength(2);
  });

  it('names the seed where no point is left', async () => {
    const { failed } = await run(experimentOf(pointsOf('Lucky', ['brittle']), select()));
    expect(failed).toMatchObject([
      { detector: 'Lucky', message: expect.stringMatching(/^with the seed 1: .*no such seed/) as unknown },
    ]);
  });

  it('judges points that draw nothing once', async () => {
    const calm = (luck: string) => ({
      ...pointsOf('Calm', [luck])[0]!,
      scorer: part({ ...firstFeature, name: 'calm' }),
    });
    const points = ['even', 'late'].map(calm);
    const { chosen, results } = await run(experimentOf(points, select()));
    expect(chosen!.Calm).toMatchObject({ tied: 2 });
    expect(results.every(({ seeds }) => seeds === undefined)).toBe(true);
  });
});
