import path from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  defineScorer,
  scoresFrom,
  tokens,
  z,
  type DatasetImage,
  type Executor,
  type ExtractionTask,
} from '@farout/core';
import { constant, grad, type Tensor } from '@farout/tensor';
import { rowNames, type Detector, type Experiment } from '../../src/experiment.ts';
import { runExperiment } from '../../src/run-experiment.ts';
import {
  CountingProgress,
  dataset,
  overlap,
  part,
  silent,
  temporaryFolder,
  tinyExperiment,
  writeImages,
} from '../fixtures/tiny.ts';

/** Looks at the image: a reading of its own for each size of the step. */
const stepping = defineScorer({
  name: 'stepping',
  params: z.object({ size: z.number().default(1) }),
  score: ({ image, logitsOf }, { size }) => {
    const first = constant({ data: Float32Array.of(1, 0), shape: [2] });
    const logit = (x: Tensor) => logitsOf(x).mul(first).sum(1);
    return logit(image.add(grad(logit(image).sum(), image).mul(size)));
  },
});

/** Fails for some of its parameters. */
const moody = defineScorer({
  name: 'moody',
  params: z.object({ mood: z.enum(['good', 'bad', 'worse']).default('good') }),
  rows: ({ mood }) =>
    scoresFrom(['features'], () => ({ features: { data, shape } }) => {
      if (mood !== 'good') throw new Error(`it is ${mood}`);
      return Float32Array.from({ length: shape[0] }, (_, row) => data[row * shape[1]]!);
    }),
});

/** The points of a sweep of one parameter. */
const pointsOf = (
  of: string,
  scorer: Detector['scorer']['definition'],
  parameter: string,
  values: readonly unknown[],
) =>
  values.map((value): Detector => ({
    name: `${of} (${parameter} ${String(value)})`,
    hooks: [],
    scorer: part(scorer, { [parameter]: value }),
    point: { of, values: [{ part: 0, parameter, label: `${scorer.name}.${parameter}`, value }] },
  }));

let folder: string;
let id: DatasetImage[];
let ood: DatasetImage[];
let judged: DatasetImage[];

beforeEach(async () => {
  folder = await temporaryFolder();
  id = await writeImages(path.join(folder, 'id'), 0, 12);
  judged = await writeImages(path.join(folder, 'judged'), 40, 50);
  ood = await writeImages(path.join(folder, 'ood'), 100, 110);
});

function experimentOf(detectors: readonly Detector[], change: Partial<Experiment['select']> = {}): Experiment {
  const tiny = tinyExperiment({ id, ood, detectors }, path.join(folder, 'store'));
  const { place } = tiny.backbone;
  const select = {
    by: overlap,
    id: ['judged'],
    ood: ['uniform noise'],
    show: 'chosen',
    allowTestSets: false,
    place,
  } as const;
  const datasets = new Map([...tiny.datasets, ['judged', dataset(judged)] as const]);
  return { ...tiny, datasets, select: { ...select, ...change } };
}

async function run(experiment: Experiment) {
  const options = { out: path.join(folder, 'run'), logger: silent, progress: new CountingProgress(), reporters: [] };
  return (await runExperiment(experiment, options)).results;
}

/** Executes nothing, and notes how many readings are wanted of each dataset. */
class Noting implements Executor {
  readonly wanted = new Map<string, number>();
  run(tasks: readonly ExtractionTask[]) {
    for (const { dataset: name, graphs } of tasks) {
      const readings = graphs.flatMap(({ outputs }) => Object.values(outputs)).length;
      this.wanted.set(name, Math.max(readings, this.wanted.get(name) ?? 0));
    }
    return Promise.resolve(tasks.map(() => ({ read: 0, left: [] })));
  }
}

describe('choosing parameters', () => {
  it('makes of the images that are tested only what the chosen point needs', async () => {
    const executor = new Noting();
    const experiment = experimentOf(pointsOf('Step', stepping, 'size', [0, 1, 2]));
    const source = { list: {} };
    const resolved = { plugins: [], datasets: { inside: source, outside: source, judged: source } };
    const services = new Map<symbol, () => unknown>([[tokens.executor, () => executor]]);
    const results = await run({ ...experiment, resolved, services });
    // The features, and a reading of each point.
    expect(Object.fromEntries(executor.wanted)).toEqual({ judged: 4, inside: 2, outside: 2 });
    expect(new Set(results.results.map(({ detector }) => detector))).toEqual(new Set(['Step']));
    expect(results.passes).toEqual([12 + 10 + 10 + 10]);
    expect(results.imagesRead).toBe(42);
  });

  it('names in advance the rows that there will be', () => {
    const points = pointsOf('Step', stepping, 'size', [0, 1]);
    expect(rowNames(experimentOf(points))).toEqual(['Step']);
    expect(rowNames(experimentOf(points, { show: 'all' }))).toEqual(['Step (size 0)', 'Step (size 1)']);
    const more = [...points, ...pointsOf('Moody', moody, 'mood', ['good', 'bad'])];
    expect(rowNames(experimentOf(more, { show: { Step: 'all' } }))).toEqual([
      'Step (size 0)',
      'Step (size 1)',
      'Moody',
    ]);
  });

  it('tests all points of the detectors that show them, and the chosen one of the others', async () => {
    const points = ['Hidden', 'Shown'].flatMap((name) => pointsOf(name, stepping, 'size', [0, 1]));
    const { results, chosen } = await run(experimentOf(points, { show: { Shown: 'all' } }));
    const rows = new Set(results.map(({ detector }) => detector));
    expect(rows).toEqual(new Set(['Hidden', 'Shown (size 0)', 'Shown (size 1)']));
    expect(chosen).toMatchObject({ Hidden: { row: 'Hidden' }, Shown: { row: 'Shown (size 1)' } });
  });

  it('counts points that were judged on test images, but have no row', async () => {
    const points = ['Hidden', 'Shown'].flatMap((name) => pointsOf(name, stepping, 'size', [0, 1, 2]));
    const change = { ood: ['outside'], allowTestSets: true, show: { Shown: 'all' } } as const;
    const { chosen } = await run(experimentOf(points, change));
    expect(chosen!.Hidden).toMatchObject({ unshown: 2 });
    expect(chosen!.Shown).not.toHaveProperty('unshown');
  });

  it('passes over points that fail, and says how many they were', async () => {
    const results = await run(experimentOf(pointsOf('Moody', moody, 'mood', ['worse', 'good', 'bad'])));
    expect(results.chosen!.Moody).toMatchObject({ values: { 'moody.mood': 'good' }, row: 'Moody' });
    expect(results.chosen!.Moody!.points.map(({ value }) => value === null)).toEqual([true, false, true]);
    expect(results.remarks!.join()).toContain('chosen among 3 points, of which 2 failed,');
    expect(results.failed).toEqual([]);
  });

  it('names a detector as failed of which no point could be judged', async () => {
    const results = await run(experimentOf(pointsOf('Moody', moody, 'mood', ['worse', 'bad'])));
    expect(results.failed).toMatchObject([
      { detector: 'Moody', message: expect.stringContaining('it is worse') as unknown },
    ]);
    expect(results.results).toEqual([]);
    expect(results.chosen).toBeUndefined();
  });

  it('refuses images that are tested on, by content, unless the experiment insists', async () => {
    judged = await writeImages(path.join(folder, 'copies'), 105, 115);
    const points = pointsOf('Step', stepping, 'size', [0, 1]);
    await expect(run(experimentOf(points))).rejects.toMatchObject({
      code: 'OOD_SELECTION_LEAK',
      message:
        '5 images used to choose parameters are also tested on: "105.png" of "judged" is also in the OOD set "outside"',
    });
    const { remarks } = await run(experimentOf(points, { allowTestSets: true }));
    expect(remarks!.join()).toContain('"105.png" of "judged" is also in the OOD set "outside"');
  });
});
