import { copyFile, link, readFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { defineScorer, learnsFrom, scoresFrom, type DatasetImage, type ScorerDefinition } from '@farout/core';
import { checkExperiment } from '../../src/check-experiment.ts';
import type { Experiment } from '../../src/experiment.ts';
import { runExperiment } from '../../src/run-experiment.ts';
import {
  CountingProgress,
  dataset,
  detector,
  part,
  temporaryFolder,
  tinyExperiment,
  writeImages,
} from '../fixtures/tiny.ts';

/** Like Mahalanobis' distance: how far an image is from the nearest that it learnt from. */
const nearest = (memorises: boolean): ScorerDefinition =>
  defineScorer({
    name: 'nearest',
    fit: () =>
      learnsFrom(
        ['features'],
        async (rows) => {
          const all: number[] = [];
          for await (const { features } of rows) all.push(...features.data);
          return { bank: { data: Float32Array.from(all), shape: [all.length / 3, 3] } };
        },
        { ...(memorises && { memorises }) },
      ),
    rows: () =>
      scoresFrom(['features'], ({ learnt }) => ({ features: { data, shape } }) => {
        const rows = learnt.bank!.data as Float32Array;
        const distance = (row: number, other: number) =>
          [0, 1, 2].reduce((sum, d) => sum + (data[3 * row + d]! - rows[3 * other + d]!) ** 2, 0);
        const others = [...Array(rows.length / 3).keys()];
        return Float32Array.from({ length: shape[0] }, (_, row) => -Math.min(...others.map((o) => distance(row, o))));
      }),
  });

let folder: string;
let images: DatasetImage[];
let ood: DatasetImage[];
let said: string[];

beforeEach(async () => {
  folder = await temporaryFolder();
  images = await writeImages(path.join(folder, 'id'), 0, 12);
  ood = await writeImages(path.join(folder, 'ood'), 100, 104);
  said = [];
});

const odd = () => images.filter((_, i) => i % 2 === 1);
const even = () => images.filter((_, i) => i % 2 === 0);

interface Sets {
  readonly id: readonly DatasetImage[];
  readonly fit: readonly DatasetImage[];
  readonly ood?: readonly DatasetImage[];
}

function experimentOf({ id, fit, ood: out = ood }: Sets, memorises = false, change = {}): Experiment {
  const base = tinyExperiment(
    { id, ood: out, detectors: [detector('Near', nearest(memorises))] },
    path.join(folder, 'store'),
  );
  return { ...base, datasets: new Map([...base.datasets, ['learnt', dataset(fit)]]), fit: 'learnt', ...change };
}

async function run(experiment: Experiment) {
  const logger = { info: (sentence: string) => said.push(sentence), warn: (sentence: string) => said.push(sentence) };
  const options = { out: path.join(folder, 'run'), logger, progress: new CountingProgress(), reporters: [] };
  return (await runExperiment(experiment, options)).results;
}

/** The same images as files of their own. */
async function copies(of: readonly DatasetImage[], copy = copyFile): Promise<DatasetImage[]> {
  const made = of.map((image, i) => ({ ...image, id: `copy-${i}.png`, path: path.join(folder, `copy-${i}.png`) }));
  for (const [i, image] of of.entries()) await copy((image as { path: string }).path, made[i]!.path);
  return made;
}

describe('a run whose sets have images in common', () => {
  it('warns where a part learns from copies of the images that it is tested on, and not where halves are disjoint', async () => {
    const results = await run(experimentOf({ id: odd(), fit: await copies(images.slice(0, 4)) }));
    const sentence =
      '2 images of the fit set "learnt" are also in the ID set "inside", the first "copy-1.png": detectors that learn are tested on images they learnt from.';
    expect(said).toContain(sentence);
    const sets = [
      { dataset: 'learnt', role: 'fit' },
      { dataset: 'inside', role: 'id' },
    ];
    expect(results.overlaps).toEqual([{ sets, images: 2, example: 'copy-1.png' }]);
    expect(JSON.parse(await readFile(path.join(folder, 'run', 'results.json'), 'utf8'))).toHaveProperty('overlaps');
    said = [];
    expect((await run(experimentOf({ id: odd(), fit: even() }))).overlaps).toEqual([]);
    expect(said.join()).not.toMatch(/tested on|out of distribution/);
  });

  it('warns where the fit set is the ID set, and where an image is in and out of distribution', async () => {
    const [sibling] = await copies(odd());
    const results = await run(
      experimentOf({ id: odd(), fit: even(), ood: [...ood, sibling!] }, false, { fit: 'inside' }),
    );
    expect(results.overlaps).toHaveLength(3);
    expect(said.join('\n')).toContain('"inside" is both the fit and the ID set: ');
    expect(said.join('\n')).toContain(
      '1 image of the ID set "inside" is also in the OOD set "outside", the first "1.png": they count as both in and out',
    );
  });

  it('notes what a set holds twice', async () => {
    const { duplicates, overlaps } = await run(
      experimentOf({ id: [...odd(), ...(await copies(odd().slice(0, 2)))], fit: even() }),
    );
    expect([duplicates, overlaps]).toEqual([[{ dataset: 'inside', images: 2, example: 'copy-0.png' }], []]);
    expect(said.join('\n')).toContain('2 of the images of "inside" are the same as an earlier one');
  });

  it('notes one image that a set holds twice in the singular', async () => {
    await run(experimentOf({ id: [...odd(), ...(await copies(odd().slice(0, 1)))], fit: even() }));
    expect(said.join('\n')).toContain('1 of the images of "inside" is the same as an earlier one');
  });

  it('is refused before anything is learnt where a part memorises images, unless the experiment insists', async () => {
    const sets = { id: odd(), fit: await copies(odd().slice(0, 1)) };
    await expect(run(experimentOf(sets, true))).rejects.toMatchObject({
      code: 'OOD_OVERLAP',
      message: expect.stringMatching(/^"nearest" memorises images\. 1 image of the fit set/),
      place: { file: 'tiny.yaml' },
      fix: expect.stringContaining('allowOverlap: true'),
    });
    const { overlaps, failed } = await run(experimentOf(sets, true, { allowOverlap: true }));
    expect([overlaps!.length, failed]).toEqual([1, []]);
    expect(said.join('\n')).toContain('tested on images they learnt from');
    expect((await run(experimentOf({ id: odd(), fit: even() }, true))).overlaps).toEqual([]);
  });
});

describe('a check of sets that have images in common', () => {
  const commonOf = async (sets: Sets) => (await checkExperiment(experimentOf(sets))).common;

  it('finds them by path and by inode, and says how many it cannot tell', async () => {
    expect(await commonOf({ id: odd(), fit: images.slice(0, 4) })).toMatchObject({
      overlaps: [{ images: 2, example: '1.png' }],
      unknown: 6 + 2 + 4,
    });
    expect(await commonOf({ id: odd(), fit: await copies(odd().slice(0, 3), link) })).toMatchObject({
      overlaps: [{ images: 3, example: 'copy-0.png' }],
    });
  });

  it('finds copies by the hashes that a run took, and reads nothing', async () => {
    const sets = { id: odd(), fit: await copies(odd().slice(0, 3)) };
    expect(await commonOf(sets)).toMatchObject({ overlaps: [], unknown: 13 });
    await run(experimentOf(sets));
    expect(await commonOf(sets)).toMatchObject({ overlaps: [{ images: 3 }], unknown: 0 });
  });

  it('refuses a part that memorises images', async () => {
    const experiment = experimentOf({ id: odd(), fit: odd() }, true);
    await expect(checkExperiment(experiment)).rejects.toMatchObject({ code: 'OOD_OVERLAP' });
    expect(
      await checkExperiment({
        ...experiment,
        detectors: [{ ...experiment.detectors[0]!, scorer: part(nearest(false)) }],
      }),
    ).toBeDefined();
  });
});
