import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { defineHook, defineScorer, learnsFrom, scoresFrom, type DatasetImage, type RunResults } from '@farout/core';
import type { Experiment } from '../src/experiment.ts';
import { runExperiment } from '../src/run-experiment.ts';
import {
  CountingProgress,
  detector,
  firstFeature,
  overlap,
  part,
  silent,
  temporaryFolder,
  tinyExperiment,
  writeImages,
} from './fixtures/tiny.ts';

let prepared: string[] = [];

/** The first feature and what the seed draws. */
const shaken = defineScorer({
  name: 'shaken',
  draws: true,
  rows: () =>
    scoresFrom(['features'], ({ seed }) => {
      prepared.push(`shaken ${seed}`);
      return ({ features: { data, shape } }) =>
        Float32Array.from(
          { length: shape[0] },
          (_, row) => data[row * shape[1]]! + 0.3 * Math.sin(7 * row * (seed + 1)),
        );
    }),
});
const calm = defineScorer({
  name: 'calm',
  rows: () =>
    scoresFrom(['features'], () => {
      prepared.push('calm');
      return ({ features: { data, shape } }) =>
        Float32Array.from({ length: shape[0] }, (_, row) => data[row * shape[1]]!);
    }),
});
const maxLogit = defineScorer({ name: 'max-logit', score: ({ logits }) => logits.max() });
/** Multiplies features by what the seed draws. */
const scaled = defineHook({
  name: 'scaled',
  draws: true,
  fit: () =>
    learnsFrom(['features'], (_, { seed }) => {
      prepared.push(`scaled ${seed}`);
      return { by: { data: Float32Array.of(1, 1 + seed, 1), shape: [3] } };
    }),
  features: (h, _, { learnt }) => h.mul(learnt.by!),
});
/** Learns the mean of the first feature, and draws nothing. */
const centred = defineHook({
  name: 'centred',
  fit: () =>
    learnsFrom(['features'], async (rows) => {
      prepared.push('centred');
      let sum = 0;
      for await (const { features } of rows)
        for (let at = 0; at < features.data.length; at += 3) sum += features.data[at]!;
      return { mean: { data: Float32Array.of(sum / rows.count), shape: [1] } };
    }),
  features: (h, _, { learnt }) => h.sub(learnt.mean!),
});
/** Draws, and refuses a seed. */
const brittle = defineScorer({
  name: 'brittle',
  draws: true,
  rows: () =>
    scoresFrom(['features'], ({ seed }) => {
      if (seed > 4) throw new Error('no such seed');
      return ({ features: { data, shape } }) =>
        Float32Array.from({ length: shape[0] }, (_, row) => data[row * shape[1]]!);
    }),
});
const secret = defineScorer({
  name: 'secret',
  rows: () =>
    scoresFrom(
      ['features'],
      ({ seed }) =>
        ({ features: { shape } }) =>
          new Float32Array(shape[0]).fill(seed),
    ),
});

const detectors = [
  detector('Shaken', shaken),
  detector('Calm', calm),
  detector('Scaled', maxLogit, [part(centred), part(scaled)]),
  detector('First', firstFeature),
];

let folder: string;
let images: DatasetImage[];
let others: DatasetImage[];
beforeAll(async () => {
  folder = await temporaryFolder();
  images = await writeImages(path.join(folder, 'id'), 0, 40);
  others = await writeImages(path.join(folder, 'ood'), 100, 125);
});

const experimentOf = (change: Partial<Experiment>): Experiment => ({
  ...tinyExperiment({ id: images, ood: others, detectors }, path.join(folder, 'store')),
  ...change,
});

async function run(change: Partial<Experiment>) {
  prepared = [];
  const out = path.join(folder, `run ${Math.random()}`);
  const progress = new CountingProgress();
  const { results } = await runExperiment(experimentOf(change), { out, reporters: [], logger: silent, progress });
  return { results, csv: await readFile(path.join(out, 'scores.csv'), 'utf8') };
}

const valuesOf = ({ results }: RunResults, detectorName: string) =>
  results.filter((cell) => cell.detector === detectorName).map(({ value }) => value);

describe('an experiment with several seeds', () => {
  it('gives the mean and the deviation of the runs with each, and repeats what draws alone', async () => {
    const single: RunResults[] = [];
    for (const seed of [3, 4, 5]) single.push((await run({ seed })).results);
    // What draws nothing follows from no seed: it was there at the second run.
    expect(prepared).toEqual(['scaled 5', 'shaken 5']);
    const { results, csv } = await run({ seed: 3, seeds: 3 });
    expect(prepared).toEqual([]);
    for (const name of ['Shaken', 'Scaled']) {
      const cells = results.results.filter((cell) => cell.detector === name);
      expect(cells.length).toBeGreaterThan(0);
      for (const [at, { value, seeds }] of cells.entries()) {
        const [a, b, c] = single.map((each) => valuesOf(each, name)[at]!) as [number, number, number];
        const mean = (a + b + c) / 3;
        const deviation = Math.sqrt(((a - mean) ** 2 + (b - mean) ** 2 + (c - mean) ** 2) / 2);
        expect(value).toBeCloseTo(mean, 12);
        expect(seeds).toEqual({ count: 3, deviation: expect.closeTo(deviation, 12) });
      }
    }
    expect(results.results.some(({ seeds }) => seeds !== undefined && seeds.deviation > 0)).toBe(true);
    for (const name of ['Calm', 'First']) {
      expect(valuesOf(results, name)).toEqual(valuesOf(single[0]!, name));
      expect(results.results.some((cell) => cell.detector === name && cell.seeds)).toBe(false);
    }
    const tested = results.results.filter(({ interval }) => interval).map((cell) => cell.detector);
    expect([...new Set(tested)]).toEqual(['Calm', 'First']);
    for (const { detectors: compared } of results.paired!) expect(compared).toEqual(['Calm', 'First']);
    expect(results.thresholds).toEqual(single[0]!.thresholds);
    expect(results.fitted).toEqual(single[0]!.fitted);
    expect(csv).toBe((await run({ seed: 3 })).csv);
    expect(results.remarks![0]).toMatch(
      /^Means over the 3 seeds 3 to 5, on the same images: the numbers of Shaken, Scaled\./,
    );
  });

  it('says nothing of seeds where nothing draws', async () => {
    const { results } = await run({ seeds: 4, detectors: detectors.slice(3) });
    expect(results.results.some(({ seeds }) => seeds)).toBe(false);
    expect(results.remarks!.join()).not.toContain('Means');
  });

  it('leaves out a detector that fails with a further seed, and says with which', async () => {
    const { results } = await run({ seed: 3, seeds: 4, detectors: [detector('Brittle', brittle), ...detectors] });
    expect(results.failed).toEqual([
      {
        detector: 'Brittle',
        code: 'OOD_DETECTOR_FAILED',
        message: expect.stringMatching(/^with the seed 5: .*no such/),
      },
    ]);
    expect(Object.keys(results.thresholds)).toEqual(['Shaken', 'Calm', 'Scaled', 'First']);
    expect(valuesOf(results, 'Brittle')).toEqual([]);
  });

  it('measures a metric that fails with one seed with none', async () => {
    const failing = {
      ...overlap,
      value: ({ thresholds, id }: Parameters<typeof overlap.value>[0]) => {
        if (thresholds.length < 3) throw new Error('too few scores');
        return id[0]! > 0 ? 1 : 0;
      },
    };
    const few = defineScorer({
      name: 'few',
      draws: true,
      rows: () =>
        scoresFrom(
          ['features'],
          ({ seed }) =>
            ({ features: { data, shape } }) =>
              Float32Array.from({ length: shape[0] }, (_, row) =>
                seed === 1 ? Math.round(data[row * shape[1]]!) : data[row * shape[1]]!,
              ),
        ),
    });
    const { results } = await run({ seeds: 2, metrics: [failing], detectors: [detector('Few', few)] });
    expect(results.results).toEqual([]);
    expect(results.failed).toMatchObject([
      { detector: 'Few', code: 'OOD_METRIC_FAILED', message: expect.stringMatching(/^with the seed 1: /) as unknown },
    ]);
  });

  it('takes a detector that is called as another with a seed for another', async () => {
    const named = [detector('Shaken', shaken), detector('Shaken, seed 1', calm)];
    const { results } = await run({ seeds: 2, detectors: named });
    const { results: alone } = await run({ detectors: named.slice(1) });
    expect(valuesOf(results, 'Shaken, seed 1')).toEqual(valuesOf(alone, 'Shaken, seed 1'));
    expect(results.results.filter(({ seeds }) => seeds?.count === 2).map(({ detector: name }) => name)).toEqual([
      'Shaken',
      'Shaken',
    ]);
  });
});

describe('a part that does not say that it draws', () => {
  it('has no seed: reading it fails by name', async () => {
    const { results } = await run({ detectors: [detector('Secret', secret)] });
    expect(results.failed).toMatchObject([
      {
        detector: 'Secret',
        code: 'OOD_DETECTOR_FAILED',
        message:
          '"secret" reads the seed, but does not declare that it draws random numbers. Add `draws: true` to its definition.',
      },
    ]);
  });
});
