import { describe, expect, it } from '@jest/globals';
import { averageOfSets, type Curve, type MetricDefinition } from '@farout/core';
import { evaluate } from '../../src/evaluate/evaluate.ts';

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
    ['gives NaN', () => NaN, 'it returned NaN, expected a finite number'],
    ['gives Infinity', () => Infinity, 'it returned Infinity, expected a finite number'],
    ['gives no number', () => '1' as unknown as number, 'it returned "1", expected a finite number'],
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
