import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  defineHook,
  defineReportSection,
  defineScorer,
  z,
  type DatasetImage,
  type ReportData,
  type ReportSectionDefinition,
} from '@farout/core';
import type { Detector } from '../../src/experiment.ts';
import { runExperiment } from '../../src/run-experiment.ts';
import {
  CountingProgress,
  detector,
  featuresOf,
  headBias,
  headWeight,
  overlap,
  part,
  temporaryFolder,
  tinyExperiment,
  writeImages,
} from '../fixtures/tiny.ts';

const maxLogit = defineScorer({ name: 'max-logit', params: z.object({}), score: ({ logits }) => logits.max() });

const percentiles = [10, 25, 50, 75, 100];

/** Clips at the p-th percentile, of sorted values the nearest. */
const clip = defineHook({
  name: 'clip',
  params: z.object({ percentile: z.number().default(50) }),
  fit: ({ percentile }) => ({
    reads: ['features'],
    learn: async (rows) => {
      const all: number[] = [];
      for await (const { features } of rows) all.push(...features.data);
      all.sort((a, b) => a - b);
      const rank = Math.round((percentile / 100) * (all.length - 1));
      return { c: { data: Float32Array.of(all[rank]!), shape: [] } };
    },
  }),
  sweep: { parameter: 'percentile', values: percentiles, chosen: ({ percentile }) => percentile },
  features: (h, _, { c }) => h.minimum(c!),
});
const onlyHead = defineHook({ name: 'only-head', params: z.object({}), head: (head) => head });
const needle = defineScorer({
  name: 'needle',
  params: z.object({}),
  score: ({ logits, image }) => logits.max().add(image.mean([1, 2, 3]).mul(0)),
});

let folder: string;
let id: DatasetImage[];
let ood: DatasetImage[];

beforeEach(async () => {
  folder = await temporaryFolder();
  id = await writeImages(path.join(folder, 'id'), 0, 20);
  ood = await writeImages(path.join(folder, 'ood'), 100, 110);
});

const clipped = (name: string, percentile = 50): Detector =>
  detector(name, maxLogit, [part(clip, { percentile } as never)]);

async function dataOf(
  detectors: Detector[],
  sections: readonly ReportSectionDefinition[] = [],
): Promise<{ data: ReportData; warnings: string[] }> {
  const warnings: string[] = [];
  const out = path.join(folder, 'run');
  await runExperiment(
    { ...tinyExperiment({ id, ood, detectors }, path.join(folder, 'store')), sections },
    {
      out,
      logger: { info: () => undefined, warn: (sentence) => warnings.push(sentence) },
      progress: new CountingProgress(),
      reporters: [],
    },
  );
  const data = JSON.parse(await readFile(path.join(out, 'report-data.json'), 'utf8')) as ReportData;
  // They learn from the very images that they are tested on; another test is about that.
  return { data, warnings: warnings.filter((sentence) => !sentence.includes('is both the fit and the ID set')) };
}

const idFeatures = () => Array.from({ length: 20 }, (_, seed) => featuresOf(seed));
const oodFeatures = () => Array.from({ length: 10 }, (_, i) => featuresOf(100 + i));
const activations = () =>
  idFeatures()
    .flat()
    .sort((a, b) => a - b);
const logit = (h: number[], k: number) =>
  headBias[k]! + h.reduce((sum, value, d) => sum + value * headWeight[3 * k + d]!, 0);
const scoreAt = (c: number) => (h: number[]) => {
  const rectified = h.map((value) => Math.min(value, c));
  return Math.max(logit(rectified, 0), logit(rectified, 1));
};

describe('the data of a report', () => {
  it('has a distribution and a curve of every detector on every OOD set', async () => {
    const { data } = await dataOf([detector('Max', maxLogit), clipped('Clip')]);
    const pairs = [
      { detector: 'Max', ood: 'outside' },
      { detector: 'Clip', ood: 'outside' },
    ];
    expect(data.distributions.map(({ detector, ood }) => ({ detector, ood }))).toEqual(pairs);
    expect(data.curves.map(({ detector, ood }) => ({ detector, ood }))).toEqual(pairs);
  });

  it('shows means and deviations of all units before and after the hooks, the ID set first', async () => {
    const { data } = await dataOf([clipped('Clip')]);
    const [{ c, before, after, detectors }] = data.rectifications as [ReportData['rectifications'][number]];
    expect(detectors).toEqual(['Clip']);
    expect(c).toBeCloseTo(activations()[Math.round(0.5 * 59)]!, 5);
    const means = (sets: number[][][]) =>
      sets.map((rows) => [0, 1, 2].map((d) => rows.reduce((sum, h) => sum + h[d]! / rows.length, 0)));
    const sets = [idFeatures(), oodFeatures()];
    const rectified = sets.map((rows) => rows.map((h) => h.map((value) => Math.min(value, c!))));
    expect(before.map(({ set }) => set)).toEqual(['inside', 'outside']);
    expect(before.map(({ mean }) => mean)).toEqual(means(sets).map((m) => m.map((v) => expect.closeTo(v, 5))));
    expect(after.map(({ mean }) => mean)).toEqual(means(rectified).map((m) => m.map((v) => expect.closeTo(v, 5))));
  });

  it('pools the activations before the hooks, in bins from the lowest of the ID set', async () => {
    const { data } = await dataOf([clipped('Clip')]);
    const [{ edges, pooled }] = data.rectifications as [ReportData['rectifications'][number]];
    expect(edges[0]).toBeCloseTo(activations()[0]!, 5);
    expect(edges.at(-1)).toBeCloseTo(activations().at(-1)!, 5);
    for (const [index, rows] of [idFeatures(), oodFeatures()].entries()) {
      const below = pooled[index]!.shares.filter((_, bin) => edges[bin + 1]! <= edges[40]!);
      const expected = rows.flat().filter((value) => value < edges[40]!).length / (3 * rows.length);
      expect(below.reduce((sum, share) => sum + share, 0)).toBeCloseTo(expected, 2);
    }
  });

  it('draws hooks that are the same once, and none that leave the features alone', async () => {
    const detectors = [clipped('A'), clipped('B'), clipped('C', 70), detector('D', maxLogit, [part(onlyHead)])];
    const { data } = await dataOf(detectors);
    expect(data.rectifications.map((one) => one.detectors)).toEqual([['A', 'B'], ['C']]);
  });

  it('computes the metrics of the experiment for every value of the sweep that a hook declares', async () => {
    const { data } = await dataOf([clipped('Clip')]);
    const [{ parameter, settings, sets, chosen, imagesPerSet }] = data.sweeps as [ReportData['sweeps'][number]];
    expect({ parameter, settings, chosen }).toEqual({ parameter: 'percentile', settings: percentiles, chosen: 50 });
    expect(sets.map((set) => set.ood)).toEqual(['outside']);
    const expected = percentiles.map((p) => {
      const score = scoreAt(activations()[Math.round((p / 100) * 59)]!);
      const lowest = Math.min(...idFeatures().map(score));
      return oodFeatures().filter((h) => score(h) > lowest + 1e-6).length / 10;
    });
    expect(sets[0]!.values).toEqual({ [overlap.name]: expected });
    expect(new Set(expected).size).toBeGreaterThan(1);
    expect(imagesPerSet).toBeUndefined();
  });

  it('sweeps over nothing where no hook declares a sweep or the scorer looks at images', async () => {
    const detectors = [
      detector('Max', maxLogit),
      detector('Needle', needle, [part(clip, { percentile: 50 } as never)]),
    ];
    const { data, warnings } = await dataOf(detectors);
    expect(data.sweeps).toEqual([]);
    expect(warnings).toEqual([]);
  });

  it('names the images that were got most wrong, with their pictures', async () => {
    const { data } = await dataOf([detector('Max', maxLogit)]);
    const [{ highestOod, lowestId }] = data.mistakes as [ReportData['mistakes'][number]];
    const ranked = (rows: number[][], from: number) =>
      rows
        .map((h, i) => ({ image: `${from + i}.png`, score: scoreAt(Infinity)(h) }))
        .sort((a, b) => a.score - b.score)
        .map(({ image }) => image);
    expect(lowestId.map(({ image }) => image)).toEqual(ranked(idFeatures(), 0).slice(0, 8));
    expect(highestOod.map(({ image }) => image)).toEqual(ranked(oodFeatures(), 100).reverse().slice(0, 8));
    expect(highestOod.every(({ thumbnail, dataset }) => thumbnail !== undefined && dataset === 'outside')).toBe(true);
  });

  it('reads no more images at once than it shows of one detector', async () => {
    const along = (unit: number) =>
      defineScorer({
        name: `along-${unit}`,
        params: z.object({}),
        scoreRows: ({ features: { data, shape } }) =>
          Float32Array.from({ length: shape[0] }, (_, row) => (-1) ** unit * data[row * shape[1] + (unit >> 1)]!),
      });
    const known = new Set<string>();
    let [reading, most] = [0, 0];
    ood = ood.map((image) => ({
      id: image.id,
      version: image.id,
      read: async () => {
        // The first time it is read for its features.
        const isShown = known.has(image.id);
        known.add(image.id);
        if (isShown) most = Math.max(most, ++reading);
        const bytes = await readFile('path' in image ? image.path : '');
        if (isShown) reading--;
        return bytes;
      },
    }));
    await dataOf([0, 1, 2, 3, 4, 5].map((unit) => detector(`D${unit}`, along(unit))));
    expect(most).toBe(8);
  });

  it('spells infinite scores, which JSON has not', async () => {
    const certain = defineScorer({
      name: 'certain',
      params: z.object({}),
      scoreRows: ({ features: { shape } }) => new Float32Array(shape[0]).fill(Infinity, 0, 1).fill(-Infinity, 1, 2),
    });
    const { data } = await dataOf([detector('Certain', certain)]);
    expect(data.mistakes[0]!.highestOod[0]!.score).toBe('Infinity');
    expect(data.mistakes[0]!.lowestId[0]!.score).toBe('-Infinity');
  });

  it('lacks, with a warning, what cannot be made; the run has its scores all the same', async () => {
    const picky = defineHook({
      name: 'picky',
      params: z.object({ percentile: z.number() }),
      fit: ({ percentile }) => ({
        reads: ['features'],
        learn: () =>
          percentile === 50
            ? Promise.resolve({ c: { data: Float32Array.of(1), shape: [] } })
            : Promise.reject(new Error('not mine')),
      }),
      sweep: { parameter: 'percentile', values: [10, 50] },
      features: (h, _, { c }) => h.minimum(c!),
    });
    const { data, warnings } = await dataOf([
      detector('Picky', maxLogit, [part(picky, { percentile: 50 } as never)]),
      clipped('Clip'),
    ]);
    expect(warnings).toEqual([expect.stringMatching(/^The report lacks the sweep of "Picky" over .*not mine/)]);
    expect(data.sweeps.map((one) => one.detector)).toEqual(['Clip']);
    expect(data.mistakes).toHaveLength(2);
  });

  it('has nothing of detectors that failed', async () => {
    const broken = defineScorer({
      name: 'broken',
      params: z.object({}),
      scoreRows: () => Promise.reject(new Error('no')),
    });
    const { data } = await dataOf([detector('Broken', broken), detector('Max', maxLogit)]);
    expect(data.mistakes.map((one) => one.detector)).toEqual(['Max']);
    expect(data.curves.map((one) => one.detector)).toEqual(['Max']);
  });
});

describe('sections of plugins', () => {
  const section = (name: string, blocks: ReportSectionDefinition['blocks']) =>
    defineReportSection({ name, title: `About ${name}`, blocks });

  it('see all scores of the run and are kept as data', async () => {
    const best = section('best', ({ id, sets, results, thresholds }) => [
      { text: `${id}: ${[...sets.keys()].join()}, ${results.length} results, ${Object.keys(thresholds).join()}` },
      { heads: ['image', 'score'], rows: [[sets.get(id)!.images[3]!, sets.get(id)!.scores.get('Max')![3]!]] },
    ]);
    const { data, warnings } = await dataOf([detector('Max', maxLogit)], [best]);
    expect(warnings).toEqual([]);
    const score = scoreAt(Infinity)(idFeatures()[3]!);
    expect(data.sections).toEqual([
      {
        title: 'About best',
        blocks: [
          { text: 'inside: inside,outside, 2 results, Max' },
          { heads: ['image', 'score'], rows: [['3.png', expect.closeTo(score, 5)]] },
        ],
      },
    ]);
  });

  it.each([
    ['throws', () => Promise.reject(new Error('not today')), /^The report lacks the section "odd": not today$/],
    [
      'gives markup',
      () => [{ html: '<b>' }] as never,
      /^The report lacks the section "odd": it gives no list of blocks/,
    ],
    ['gives no list', () => 'text' as never, /it gives no list of blocks/],
  ])('cost a warning when one %s, and nothing else', async (_, blocks, warning) => {
    const { data, warnings } = await dataOf(
      [detector('Max', maxLogit)],
      [section('odd', blocks), section('fine', () => [{ text: 'here' }])],
    );
    expect(warnings).toEqual([expect.stringMatching(warning)]);
    expect(data.sections.map(({ title }) => title)).toEqual(['About fine']);
  });

  it('are left out when they have nothing to say', async () => {
    expect((await dataOf([detector('Max', maxLogit)], [section('mute', () => [])])).data.sections).toEqual([]);
  });
});
