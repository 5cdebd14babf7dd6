import path from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { DatasetImage } from '@farout/core';
import { checkExperiment } from '../src/check-experiment.ts';
import type { Experiment } from '../src/experiment.ts';
import { runExperiment } from '../src/run-experiment.ts';
import {
  CountingProgress,
  dataset,
  detector,
  firstFeature,
  silent,
  temporaryFolder,
  tinyExperiment,
  writeImages,
} from './fixtures/tiny.ts';

const made = ['gaussian noise', 'uniform noise', 'shuffled patches'];
let folder: string;
let id: DatasetImage[];
let further: DatasetImage[];
beforeAll(async () => {
  folder = await temporaryFolder();
  id = await writeImages(path.join(folder, 'id'), 0, 12);
  further = await writeImages(path.join(folder, 'further'), 40, 44);
});

function experimentOf(change: Partial<Experiment> = {}): Experiment {
  const detectors = [detector('First', firstFeature)];
  const tiny = tinyExperiment({ id, ood: [], detectors }, path.join(folder, 'store'));
  const datasets = new Map([
    ['inside', dataset(id)],
    ['further', dataset(further)],
  ]);
  return { ...tiny, datasets, ood: made, ...change };
}

async function run(experiment: Experiment) {
  const progress = new CountingProgress();
  const options = { out: path.join(folder, 'run'), logger: silent, progress, reporters: [] };
  const { results } = await runExperiment(experiment, options);
  return { results, read: progress.images };
}

describe('sets that are made', () => {
  it('are tested on as others are, and read once', async () => {
    const { results, read } = await run(experimentOf());
    expect(read).toBe(4 * 12);
    for (const name of made) expect(results.datasets[name]).toMatchObject({ roles: ['ood'], images: 12 });
    const oods = results.results.map(({ ood }) => ood);
    expect(oods).toEqual([...made, 'average']);
    expect(await run(experimentOf())).toMatchObject({ read: 0, results: { results: results.results } });
  });

  it('are others with another seed', async () => {
    const print = async (seed: number) => {
      const { datasets } = (await run(experimentOf({ seed }))).results;
      return made.map((name) => datasets[name]!.fingerprint);
    };
    const [one, other] = [await print(0), await print(1)];
    expect(new Set([...one, ...other]).size).toBe(6);
  });

  it('are made after all ID sets, whose images may have the same names', async () => {
    const again = further.map((image, at) => ({ ...image, id: id[at]!.id }));
    const datasets = new Map([...experimentOf().datasets, ['further', dataset(again)] as const]);
    const { results } = await run(experimentOf({ datasets, id: ['inside', 'further'], ood: ['shuffled patches'] }));
    expect(results.datasets['shuffled patches']).toMatchObject({ images: 16, unreadable: [] });
  });

  it('share the source of the image that they are made of', async () => {
    const grouped = id.map((image, at) => ({ ...image, group: `source ${at % 2}` }));
    const datasets = new Map([['inside', dataset(grouped)]]);
    const { results } = await run(experimentOf({ datasets, ood: ['shuffled patches'] }));
    const { results: single } = await run(experimentOf({ ood: ['shuffled patches'] }));
    expect(results.results[0]!.value).toBe(single.results[0]!.value);
    // Two sources on each side say less than twelve images.
    expect(results.results[0]!.interval).not.toEqual(single.results[0]!.interval);
  });

  it('are counted by check, which makes none', async () => {
    const { images, cost, common } = await checkExperiment(experimentOf());
    expect(images).toEqual({ inside: 12, further: 4, ...Object.fromEntries(made.map((name) => [name, 12])) });
    expect(cost.bytes).toBe(4 * 12 * cost.bytesPerImage);
    expect(common).toMatchObject({ overlaps: [], duplicates: [] });
  });
});
