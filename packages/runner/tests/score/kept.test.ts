import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { defineScorer, learnsFrom, scoresFrom, z, type DatasetImage } from '@farout/core';
import { constant } from '@farout/tensor';
import type { Experiment } from '../../src/experiment.ts';
import { runExperiment } from '../../src/run-experiment.ts';
import {
  CountingProgress,
  dataset,
  detector,
  part,
  silent,
  temporaryFolder,
  tinyExperiment,
  writeImages,
} from '../fixtures/tiny.ts';

let folder: string;
let id: DatasetImage[];
let ood: DatasetImage[];
let told: { fits: number; prepared: number; rows: number };

beforeEach(async () => {
  folder = await temporaryFolder();
  id = await writeImages(path.join(folder, 'id'), 0, 8);
  ood = await writeImages(path.join(folder, 'ood'), 100, 105);
  told = { fits: 0, prepared: 0, rows: 0 };
});

/** Learns, and scores over rows: the first feature times a factor. */
const counted = defineScorer({
  name: 'counted',
  params: z.object({ factor: z.number().default(1) }),
  fit: () =>
    learnsFrom(['features'], () => {
      told.fits++;
      return {};
    }),
  rows: ({ factor }) =>
    scoresFrom(['features'], () => {
      told.prepared++;
      return ({ features: { data, shape } }) => {
        told.rows += shape[0];
        return Float32Array.from({ length: shape[0] }, (_, row) => factor * data[row * shape[1]]!);
      };
    }),
});
const rowsOf = (factor = 1) => ({ ...detector('Rows', counted), scorer: part(counted, { factor } as never) });
const maxLogit = defineScorer({ name: 'max-logit', score: ({ logits }) => logits.max() });
/** No number where the first feature is below a half. */
const rooted = defineScorer({ name: 'rooted', score: ({ features }) => features.sub(0.5).sqrt().sum([1]) });
const shifted = (by: number) =>
  defineScorer({
    name: 'shifted',
    score: ({ logits }) => logits.max().add(constant({ data: Float32Array.of(by), shape: [] })),
  });

async function run(detectors: Experiment['detectors'], change: Partial<Experiment> = {}) {
  const experiment = { ...tinyExperiment({ id, ood, detectors }, path.join(folder, 'store')), ...change };
  const options = { out: path.join(folder, 'run'), logger: silent, progress: new CountingProgress(), reporters: [] };
  const { results } = await runExperiment(experiment, { ...options, withReport: false });
  return { results, scores: await readFile(path.join(folder, 'run', 'scores.csv'), 'utf8') };
}
const keptFiles = () => readdir(path.join(folder, 'store', 'scores'));

describe('kept scores', () => {
  it('let a second run fit nothing and score nothing, and are the same', async () => {
    const detectors = [rowsOf(), detector('Max', maxLogit)];
    const first = await run(detectors);
    expect(told).toEqual({ fits: 1, prepared: 1, rows: 8 + 5 });
    const files = await keptFiles();
    expect(files).toHaveLength(2 * 3);
    const second = await run(detectors);
    expect(told).toEqual({ fits: 1, prepared: 1, rows: 8 + 5 });
    expect(second.scores).toBe(first.scores);
    expect(await keptFiles()).toEqual(files);
  });

  it('are of one set: another one is scored alone', async () => {
    await run([rowsOf()]);
    const further = await writeImages(path.join(folder, 'further'), 200, 203);
    const { datasets } = tinyExperiment({ id, ood, detectors: [] }, folder);
    await run([rowsOf()], {
      datasets: new Map([...datasets, ['further', dataset(further)]]),
      ood: ['outside', 'further'],
    });
    expect(told).toEqual({ fits: 1, prepared: 2, rows: 8 + 5 + 3 });
  });

  it('are of one parameter, and of one formula', async () => {
    const valueOf = async (detectors: Experiment['detectors']) =>
      Number((await run(detectors)).scores.split(/\s+/)[1]!.split(',').at(-1));
    const [one, two] = [await valueOf([rowsOf(1)]), await valueOf([rowsOf(2)])];
    expect(two).toBeCloseTo(2 * one, 5);
    const [plain, moved] = [await valueOf([detector('S', shifted(0))]), await valueOf([detector('S', shifted(3))])];
    expect(moved - plain).toBeCloseTo(3, 5);
  });

  it('are computed again when they are gone, and of those alone', async () => {
    const detectors = [rowsOf(), detector('Max', maxLogit)];
    const { scores } = await run(detectors);
    await rm(path.join(folder, 'store', 'scores'), { recursive: true });
    expect((await run(detectors)).scores).toBe(scores);
    expect(told).toMatchObject({ fits: 1, rows: 2 * (8 + 5) });
  });

  it('hold none of a detector that fails: the next run says the same of it', async () => {
    const detectors = [detector('Rooted', rooted), detector('Max', maxLogit)];
    const first = await run(detectors);
    expect(first.results.failed).toMatchObject([{ detector: 'Rooted', code: 'OOD_SCORE_INVALID' }]);
    const second = await run(detectors);
    expect(second.results.failed).toEqual(first.results.failed);
    expect(second.scores).toBe(first.scores);
  });
});
