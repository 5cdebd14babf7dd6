import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  defineHook,
  defineReportSection,
  defineScorer,
  scoresFrom,
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
  part,
  temporaryFolder,
  tinyExperiment,
  writeImages,
} from '../fixtures/tiny.ts';

const maxLogit = defineScorer({ name: 'max-logit', params: z.object({}), score: ({ logits }) => logits.max() });

const clip = defineHook({ name: 'clip', features: (h) => h.minimum(0.5) });

let folder: string;
let id: DatasetImage[];
let ood: DatasetImage[];

beforeEach(async () => {
  folder = await temporaryFolder();
  id = await writeImages(path.join(folder, 'id'), 0, 20);
  ood = await writeImages(path.join(folder, 'ood'), 100, 110);
});

const clipped = (name: string): Detector => detector(name, maxLogit, [part(clip)]);

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
        rows: () =>
          scoresFrom(
            ['features'],
            () =>
              ({ features: { data, shape } }) =>
                Float32Array.from({ length: shape[0] }, (_, row) => (-1) ** unit * data[row * shape[1] + (unit >> 1)]!),
          ),
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
    const isOf = (seed: number, h: number) => Math.abs(h - featuresOf(seed)[0]!) < 1e-6;
    const scoreOf = (h: number) => (isOf(100, h) ? Infinity : isOf(1, h) ? -Infinity : 0);
    const certain = defineScorer({
      name: 'certain',
      rows: () =>
        scoresFrom(
          ['features'],
          () =>
            ({ features: { data, shape } }) =>
              Float32Array.from({ length: shape[0] }, (_, row) => scoreOf(data[row * shape[1]]!)),
        ),
    });
    const { data } = await dataOf([detector('Certain', certain)]);
    expect(data.mistakes[0]!.highestOod[0]!.score).toBe('Infinity');
    expect(data.mistakes[0]!.lowestId[0]!.score).toBe('-Infinity');
  });

  it('has nothing of detectors that failed', async () => {
    const broken = defineScorer({
      name: 'broken',
      rows: () => scoresFrom(['features'], () => () => Promise.reject(new Error('no'))),
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
      {
        text: `${id.join()}: ${[...sets.keys()].join()}, ${results.length} results, ${Object.keys(thresholds).join()}`,
      },
      { heads: ['image', 'score'], rows: [[sets.get(id[0]!)!.images[3]!, sets.get(id[0]!)!.scores.get('Max')![3]!]] },
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
      /^The report lacks the section "odd": it does not return a list of blocks/,
    ],
    ['gives no list', () => 'text' as never, /it does not return a list of blocks/],
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
