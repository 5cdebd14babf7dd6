import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { defineReportSection, defineScorer, learnsFrom, type DatasetImage, type FinishedScores } from '@farout/core';
import { checkExperiment } from '../src/check-experiment.ts';
import type { Experiment } from '../src/experiment.ts';
import { runExperiment } from '../src/run-experiment.ts';
import {
  CountingProgress,
  dataset,
  detector,
  firstFeature,
  temporaryFolder,
  tinyExperiment,
  writeImages,
} from './fixtures/tiny.ts';

const maxLogit = defineScorer({ name: 'max-logit', score: ({ logits }) => logits.max() });

let folder: string;
let images: DatasetImage[];
let ood: DatasetImage[];
let said: string[];

beforeEach(async () => {
  folder = await temporaryFolder();
  images = await writeImages(path.join(folder, 'id'), 0, 30);
  ood = await writeImages(path.join(folder, 'ood'), 100, 110);
  said = [];
});

/** An experiment whose ID images are those of the sets, in the order of `id`. */
function experimentOf(
  sets: Record<string, DatasetImage[]>,
  id: string[],
  change: Partial<Experiment> = {},
): Experiment {
  const detectors = [detector('First', firstFeature), detector('Max', maxLogit)];
  return {
    ...tinyExperiment({ id: [], ood, detectors }, path.join(folder, 'store')),
    datasets: new Map([...Object.entries({ ...sets, outside: ood })].map(([name, all]) => [name, dataset(all)])),
    id,
    fit: undefined,
    ...change,
  };
}

async function run(experiment: Experiment) {
  const out = path.join(folder, `run ${Math.random()}`);
  const logger = { info: () => undefined, warn: (sentence: string) => void said.push(sentence) };
  const { results } = await runExperiment(experiment, { out, reporters: [], logger, progress: new CountingProgress() });
  const rows = (await readFile(path.join(out, 'scores.csv'), 'utf8')).trim().split('\n').slice(1);
  return { results, rows, data: JSON.parse(await readFile(path.join(out, 'report-data.json'), 'utf8')) as unknown };
}

const withoutSet = (rows: readonly string[]) => rows.map((row) => row.slice(row.indexOf(',')));

describe('several ID sets', () => {
  it('give every number that one set of their images in that order gives', async () => {
    const [a, b] = [images.slice(0, 11), images.slice(11)];
    const one = await run(experimentOf({ whole: [...b, ...a] }, ['whole']));
    const two = await run(experimentOf({ a, b }, ['b', 'a']));
    const { results, thresholds, accuracy, labelled, constant, tied } = two.results;
    expect({ results, thresholds, accuracy, labelled, constant, tied }).toEqual({
      results: one.results.results,
      thresholds: one.results.thresholds,
      accuracy: one.results.accuracy,
      labelled: 30,
      constant: one.results.constant,
      tied: one.results.tied,
    });
    expect(withoutSet(two.rows)).toEqual(withoutSet(one.rows));
    expect(two.rows.map((row) => row.split(',')[0])).toEqual([
      ...Array<string>(19).fill('b'),
      ...Array<string>(11).fill('a'),
      ...Array<string>(10).fill('outside'),
    ]);
    expect(two.results.imagesRead).toBe(0);
  });

  it('are each a set of the run with its role, and mistakes name the set', async () => {
    const { results, data } = await run(experimentOf({ a: images.slice(0, 3), b: images.slice(3) }, ['a', 'b']));
    expect(Object.entries(results.datasets).map(([name, { roles, images: count }]) => [name, roles, count])).toEqual([
      ['a', ['id'], 3],
      ['b', ['id'], 27],
      ['outside', ['ood'], 10],
    ]);
    const one = await run(experimentOf({ whole: images }, ['whole']));
    interface Data {
      mistakes: { lowestId: { dataset: string; image: string }[] }[];
      distributions: unknown;
    }
    const lowest = (data as Data).mistakes[0]!.lowestId;
    expect(lowest.map(({ image }) => image)).toEqual(
      (one.data as Data).mistakes[0]!.lowestId.map(({ image }) => image),
    );
    for (const { dataset: set, image } of lowest) expect(set).toBe(Number.parseInt(image) < 3 ? 'a' : 'b');
    expect((data as Data).distributions).toEqual((one.data as Data).distributions);
  });

  it('that share images are told so, each of them, before the run and in it', async () => {
    const experiment = experimentOf(
      { a: images.slice(0, 5), b: images.slice(3, 9), c: [...images.slice(8, 12), ood[0]!] },
      ['a', 'b', 'c'],
    );
    const expected = [
      {
        sets: [
          { dataset: 'a', role: 'id' },
          { dataset: 'b', role: 'id' },
        ],
        images: 2,
        example: '3.png',
      },
      {
        sets: [
          { dataset: 'b', role: 'id' },
          { dataset: 'c', role: 'id' },
        ],
        images: 1,
        example: '8.png',
      },
      {
        sets: [
          { dataset: 'c', role: 'id' },
          { dataset: 'outside', role: 'ood' },
        ],
        images: 1,
        example: '100.png',
      },
    ];
    expect((await checkExperiment(experiment)).common.overlaps).toEqual(expected);
    expect((await run(experiment)).results.overlaps).toEqual(expected);
    expect(said).toContain(
      '2 images of the ID set "a" are also in the ID set "b", the first "3.png": they count twice.',
    );
  });

  it('one of which is the fit set are told so', async () => {
    const learning = defineScorer({
      name: 'learning',
      fit: () =>
        learnsFrom(['features'], ({ count }) => Promise.resolve({ n: { data: Float32Array.of(count), shape: [] } })),
      score: ({ logits }, _, { learnt }) => logits.max().mul(learnt.n!),
    });
    const sets = { a: images.slice(0, 10), b: images.slice(10) };
    const { results } = await run(
      experimentOf(sets, ['a', 'b'], { fit: 'b', detectors: [detector('Learning', learning)] }),
    );
    expect(results.overlaps).toMatchObject([
      {
        sets: [
          { dataset: 'b', role: 'fit' },
          { dataset: 'b', role: 'id' },
        ],
      },
    ]);
    expect(results.datasets.b!.roles).toEqual(['id', 'fit']);
  });

  it('of which one has a label that the network has not are refused', async () => {
    const foreign = [{ ...images[20]!, label: 2 }];
    await expect(checkExperiment(experimentOf({ a: images.slice(0, 9), foreign }, ['a', 'foreign']))).rejects.toThrow(
      'the dataset "foreign" gives the image "20.png" the label 2',
    );
  });

  it('come to sections of plugins by their names, first', async () => {
    let seen: FinishedScores | undefined;
    const section = defineReportSection({ name: 's', title: 'S', blocks: (run) => ((seen = run), []) });
    const sets = { a: images.slice(0, 4), b: images.slice(4) };
    await run(experimentOf(sets, ['b', 'a'], { sections: [section] }));
    expect(seen!.id).toEqual(['b', 'a']);
    expect([...seen!.sets.keys()]).toEqual(['b', 'a', 'outside']);
  });
});
