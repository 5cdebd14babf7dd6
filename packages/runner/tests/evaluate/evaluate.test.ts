import { describe, expect, it } from '@jest/globals';
import { averageOfSets, type Curve, type MetricDefinition } from '@farout/core';
import { accuracyOf, evaluate, remarkOnAccuracy } from '../../src/evaluate/evaluate.ts';

/** A dataset's scores by detector. */
const set = (scores: Readonly<Record<string, readonly number[]>>) => ({
  images: [],
  predicted: new Int32Array(),
  scores: new Map(Object.entries(scores).map(([name, own]) => [name, Float32Array.from(own)])),
  failed: [],
});
const metric = (name: string, value: (curve: Curve) => number): MetricDefinition => ({ name, better: 'higher', value });

const id = set({ A: [1, 2, 3], B: [4, 5, 6] });
const ood = new Map([
  ['near', set({ A: [1, 1], B: [2, 2] })],
  ['far', set({ A: [0], B: [0] })],
]);
const count = metric('count', ({ oodTotal }) => oodTotal);

describe('evaluate', () => {
  it('measures each detector on each OOD set, and their average', () => {
    const { results, failed } = evaluate(['A'], id, ood, [count]);
    expect(results).toEqual([
      { detector: 'A', ood: 'near', metric: 'count', value: 2 },
      { detector: 'A', ood: 'far', metric: 'count', value: 1 },
      { detector: 'A', ood: averageOfSets, metric: 'count', value: 1.5 },
    ]);
    expect(failed).toEqual([]);
  });

  it('averages over groups of sets too, in their order, before the average over all', () => {
    const far = set({ A: [0, 0, 0, 0] });
    const sets = new Map([...ood, ['farther', far]]);
    const { results } = evaluate(['A'], id, sets, [count], { beyond: ['farther', 'far'], close: ['near'] });
    expect(results.map(({ ood: name, value }) => [name, value])).toEqual([
      ['near', 2],
      ['far', 1],
      ['farther', 4],
      ['beyond', 2.5],
      ['close', 2],
      [averageOfSets, 7 / 3],
    ]);
  });

  it('names detectors with many ID scores at their threshold, and the share of ID images above it', () => {
    // Of 100 ID images 95 have probability 1 in float32: the threshold is 1, and nothing is above it.
    const saturated = Array.from({ length: 100 }, (_, image) => (image < 5 ? 0.5 : 1));
    const rising = Array.from({ length: 100 }, (_, image) => image);
    const twice = rising.map((score) => (score === 6 ? 5 : score));
    const scored = set({ saturated, rising, twice, flat: rising.map(() => 1) });
    const other = new Map([['near', set({ saturated: [0.5], rising: [1], twice: [1], flat: [1] })]]);
    const { tied, constant } = evaluate(['saturated', 'rising', 'twice', 'flat'], scored, other, [count]);
    expect([tied, constant]).toEqual([{ saturated: 0 }, ['flat']]);
  });

  it('leaves out detectors that did not score every set', () => {
    const incomplete = new Map([...ood, ['odd', set({ B: [1] })]]);
    expect(evaluate(['A', 'B'], id, incomplete, [count]).results.map(({ detector }) => detector)).toEqual(
      Array(4).fill('B'),
    );
  });

  it.each([
    ['throws', () => { throw new Error('no idea'); }, 'no idea'], // prettier-ignore
    ['gives NaN', () => NaN, 'it gave NaN, expected a finite number'],
    ['gives Infinity', () => Infinity, 'it gave Infinity, expected a finite number'],
    ['gives no number', () => '1' as unknown as number, 'it gave "1", expected a finite number'],
  ])('names a metric that %s, and measures the others', (_title, value, says) => {
    const faulty = metric('faulty', ({ thresholds }) => (thresholds[0] === 3 ? value() : 0));
    const { results, failed } = evaluate(['A', 'B'], id, ood, [faulty, count]);
    expect(failed).toEqual([
      { detector: 'A', code: 'OOD_METRIC_FAILED', message: `the metric "faulty" failed: ${says}` },
    ]);
    expect(new Set(results.map(({ detector, metric: name }) => `${detector} ${name}`))).toEqual(
      new Set(['A count', 'B faulty', 'B count']),
    );
  });
});

const scored = (labels: readonly (number | undefined)[], predicted: readonly number[]) => ({
  images: labels.map((label, i) => ({ id: `${i}`, path: `/${i}`, ...(label !== undefined && { label }) })),
  predicted: Int32Array.from(predicted),
});

describe('accuracyOf', () => {
  it('counts the images that have a label, and those of them that are right', () => {
    expect(accuracyOf(scored([0, 1, undefined, 2], [0, 0, 0, 2]))).toEqual({ accuracy: 2 / 3, labelled: 3 });
  });

  it('is nothing where no image has one', () => {
    expect(accuracyOf(scored([undefined], [0]))).toEqual({ accuracy: null, labelled: 0 });
  });
});

describe('remarkOnAccuracy', () => {
  it.each([
    ['0 of 2 with 6 classes', 0, 2, 6],
    ['1 of 6 with 6 classes: 1 / K', 1 / 6, 6, 6],
    ['0.12 with 10 classes', 0.12, 100, 10],
    ['0.002 with 1000 classes, as where labels are off by one', 0.002, 50_000, 1000],
    ['0.45 with 2 classes, less than guessing', 0.45, 100, 2],
  ])('says something about %s', (_, accuracy, labelled, classes) => {
    expect(remarkOnAccuracy({ accuracy, labelled }, classes)).toMatch(
      `Of ${labelled} labelled ID images the network recognises ${accuracy === 0 ? 'none' : Math.round(accuracy * labelled)}, ${accuracy > 1 / classes ? 'hardly' : 'no'} better than guessing among ${classes} classes. Labels may be off by one`,
    );
  });

  it.each([
    ['without labels', null, 0, 10],
    ['of 0.7 with 1000 classes', 0.7, 1000, 1000],
    ['of 0.2 with 1000 classes', 0.2, 1000, 1000],
    ['of 0.6 with 2 classes', 0.6, 100, 2],
  ])('says nothing about one %s', (_, accuracy, labelled, classes) => {
    expect(remarkOnAccuracy({ accuracy, labelled }, classes)).toBeUndefined();
  });
});
