import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { defineDataset, defineScorer, z, type DatasetImage } from '@farout/core';
import { grad } from '@farout/tensor';
import type { Experiment } from '../src/experiment.ts';
import { runExperiment } from '../src/run-experiment.ts';
import {
  CountingProgress,
  detector,
  part,
  side,
  silent,
  temporaryFolder,
  tinyExperiment,
  writeImages,
} from './fixtures/tiny.ts';

const maxLogit = defineScorer({ name: 'max-logit', params: z.object({}), score: ({ logits }) => logits.max() });

let folder: string;
let id: DatasetImage[];
let ood: DatasetImage[];

beforeEach(async () => {
  folder = await temporaryFolder();
  id = await writeImages(path.join(folder, 'id'), 0, 5);
  ood = await writeImages(path.join(folder, 'ood'), 100, 103);
});

const run = (experiment: Experiment, { logger = silent } = {}) =>
  runExperiment(experiment, { out: path.join(folder, 'run'), logger, progress: new CountingProgress(), reporters: [] });

const experimentOf = (detectors: Experiment['detectors'], change: Partial<Experiment> = {}): Experiment => ({
  ...tinyExperiment({ id, ood, detectors }, path.join(folder, 'store')),
  fit: undefined,
  ...change,
});

describe('a run', () => {
  it('runs a scorer by images that takes the gradient of the logits that it is given', async () => {
    const given = defineScorer({
      name: 'given',
      params: z.object({}),
      score: ({ image, logits }) =>
        grad(logits.max().sum(), image)
          .mul(side * side)
          .max([1, 2, 3]),
    });
    const { results } = await run(experimentOf([detector('Given', given)]));
    expect(results.failed).toEqual([]);
    const [, first] = (await readFile(path.join(folder, 'run', 'scores.csv'), 'utf8')).split('\r\n').slice(0, 2);
    expect(Number(first!.split(',')[4])).toBeCloseTo(1, 5);
  });

  it('says which detectors gave all images the same score', async () => {
    const flat = defineScorer({ name: 'flat', params: z.object({}), score: ({ logits }) => logits.mul(0).max() });
    const { results } = await run(experimentOf([detector('Flat', flat), detector('Max', maxLogit)]));
    expect(results.constant).toEqual(['Flat']);
  });

  it('says how many labels it counted, and that a network which recognises nothing may be fed otherwise than in training', async () => {
    const warnings: string[] = [];
    const wrong = id.map(({ label, ...image }, i) => ({ ...image, ...(i < 2 && { label: 1 - label! }) }));
    const noting = part(
      defineDataset({
        name: 'noting',
        params: z.object({}),
        open: () => Promise.resolve({ images: wrong, notes: ['left one out'] }),
      }),
    );
    const experiment = experimentOf([detector('Max', maxLogit)]);
    const datasets = new Map(experiment.datasets).set('inside', noting);
    const logger = { info: () => undefined, warn: (sentence: string) => warnings.push(sentence) };
    const { results } = await run({ ...experiment, datasets }, { logger });
    expect(results.labelled).toBe(2);
    expect(warnings).toEqual(['inside: left one out']);
    const right = Math.round(results.accuracy! * 2);
    expect(results.remarks).toEqual([
      'inside: left one out',
      ...(right < 2
        ? [expect.stringMatching(/^Of 2 labelled ID images the network recognises (none|1), no better than guessing/)]
        : []),
    ]);
  });

  it('warns when it takes the place of the run of another experiment', async () => {
    const warnings: string[] = [];
    const logger = { info: () => undefined, warn: (sentence: string) => warnings.push(sentence) };
    const named = (resolved: string) => experimentOf([detector('Max', maxLogit)], { resolved });
    await run(named('one'), { logger });
    await run(named('one'), { logger });
    expect(warnings).toEqual([]);
    await run(named('another'), { logger });
    expect(warnings).toEqual([expect.stringMatching(/^This replaces the run of another experiment in .*run/)]);
  });

  it('is written with its results also where a report cannot be made', async () => {
    const warnings: string[] = [];
    const reporters = [
      { file: 'fails.txt', render: () => Promise.reject(new Error('no pen')) },
      { file: 'fine.txt', render: () => 'fine' },
    ];
    const { out } = await runExperiment(experimentOf([detector('Max', maxLogit)]), {
      out: path.join(folder, 'run'),
      logger: { info: () => undefined, warn: (sentence) => warnings.push(sentence) },
      progress: new CountingProgress(),
      reporters,
    });
    expect(warnings).toEqual(['The run lacks fails.txt: no pen']);
    expect((await readdir(out)).sort()).toEqual(['fine.txt', 'report-data.json', 'results.json', 'scores.csv']);
  });
});
