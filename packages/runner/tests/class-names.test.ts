import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  defineDataset,
  defineReportSection,
  defineScorer,
  learnsFrom,
  type DatasetImage,
  type FinishedScores,
} from '@farout/core';
import { checkExperiment } from '../src/check-experiment.ts';
import type { Experiment } from '../src/experiment.ts';
import { openDatasets } from '../src/prepare/datasets.ts';
import { runExperiment } from '../src/run-experiment.ts';
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
} from './fixtures/tiny.ts';

let folder: string;
let id: DatasetImage[];
let ood: DatasetImage[];

beforeEach(async () => {
  folder = await temporaryFolder();
  id = await writeImages(path.join(folder, 'id'), 0, 10);
  ood = await writeImages(path.join(folder, 'ood'), 100, 104);
});

const naming = (images: readonly DatasetImage[], classes: unknown) =>
  part(defineDataset({ name: 'naming', open: () => Promise.resolve({ images, classes: classes as string[] }) }));

const experimentOf = (
  datasets: [string, Experiment['datasets'] extends ReadonlyMap<string, infer P> ? P : never][],
) => ({
  ...tinyExperiment({ id, ood, detectors: [detector('First', firstFeature)] }, path.join(folder, 'store')),
  datasets: new Map(datasets),
});

async function run(experiment: Experiment) {
  const out = path.join(folder, 'run');
  const options = { out, reporters: [], logger: silent, progress: new CountingProgress() };
  const { results } = await runExperiment(experiment, options);
  const data = JSON.parse(await readFile(path.join(out, 'report-data.json'), 'utf8')) as {
    mistakes: { highestOod: { image: string; predicted?: string }[] }[];
  };
  const csv = (await readFile(path.join(out, 'scores.csv'), 'utf8')).split('\n').map((line) => line.split(','));
  return { results, highest: data.mistakes[0]!.highestOod, csv };
}

describe('names of classes', () => {
  it('are in the results, with the images that were got wrong, and come to sections', async () => {
    let seen: FinishedScores | undefined;
    const section = defineReportSection({ name: 's', title: 'S', blocks: (given) => ((seen = given), []) });
    const experiment = experimentOf([
      ['inside', naming(id, ['red', 'green'])],
      ['outside', dataset(ood)],
    ]);
    const { results, highest, csv } = await run({ ...experiment, sections: [section] });
    expect(results.classes).toEqual(['red', 'green']);
    expect(seen!.classes).toEqual(['red', 'green']);
    expect(highest).toHaveLength(4);
    for (const { image, predicted } of highest) {
      const row = csv.find(([set, name]) => set === 'outside' && name === image)!;
      expect(predicted).toBe(['red', 'green'][Number(row[3])]);
    }
  });

  it('are those of the ID set before those of the fit set, and absent where neither has any', async () => {
    const inside = naming(id, ['red', 'green']);
    const fit = naming(id.slice(5), ['rouge', 'vert']);
    const named = async (sets: Parameters<typeof experimentOf>[0]) =>
      (await run({ ...experimentOf(sets), fit: 'fit' })).results.classes;
    const ofOod = ['outside', naming(ood, ['of', 'other', 'things'])] as const;
    expect(await named([['fit', fit], ['inside', inside], [...ofOod]])).toEqual(['red', 'green']);
    expect(await named([['fit', fit], ['inside', dataset(id)], [...ofOod]])).toEqual(['rouge', 'vert']);
    const none = await run(
      tinyExperiment({ id, ood, detectors: [detector('F', firstFeature)] }, path.join(folder, 's')),
    );
    expect(none.results).not.toHaveProperty('classes');
    expect(none.highest[0]).not.toHaveProperty('predicted');
  });

  it('are as many as the network has classes, or refused by the name of the set', async () => {
    const experiment = experimentOf([
      ['inside', naming(id, ['red', 'green', 'blue'])],
      ['outside', dataset(ood)],
    ]);
    await expect(checkExperiment(experiment)).rejects.toMatchObject({
      code: 'OOD_DATASET_INVALID',
      message: 'the dataset "inside" names 3 classes, but the network has 2',
    });
  });

  it('are of no interest in a set that is only learnt against, unless its labels are read', async () => {
    const against = (...reads: ('features' | 'labels')[]) =>
      defineScorer({
        name: 'against',
        fit: () => learnsFrom(reads, () => ({}), { against: 'outside' }),
        score: ({ logits }) => logits.max(),
      });
    const experiment = experimentOf([
      ['inside', dataset(id)],
      ['fit', dataset(id.slice(5))],
      [
        'outside',
        naming(
          ood.map((image) => ({ ...image, label: 7 })),
          ['of', 'other', 'things'],
        ),
      ],
    ]);
    const learning = (...reads: ('features' | 'labels')[]) =>
      checkExperiment({ ...experiment, fit: 'fit', detectors: [detector('Against', against(...reads))] });
    await expect(learning('features')).resolves.toBeDefined();
    await expect(learning('features', 'labels')).rejects.toMatchObject({
      errors: [
        { message: 'the dataset "outside" names 3 classes, but the network has 2' },
        { code: 'OOD_DATASET_INVALID', message: expect.stringContaining('"outside"') as unknown },
      ],
    });
  });

  it.each([['red'], [[1, 2]], [['red', '']], [{ 0: 'red' }], [null]])('are no %j', async (classes) => {
    const opened = openDatasets(experimentOf([['inside', naming(id, classes)]]));
    await expect(opened).rejects.toThrow('the dataset "inside" gives classes that are not a list of names');
  });
});
