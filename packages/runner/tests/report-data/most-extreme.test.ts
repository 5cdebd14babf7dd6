import { describe, expect, it } from '@jest/globals';
import { mostExtreme } from '../../src/report-data/most-extreme.ts';
import type { DatasetScores } from '../../src/score/on-features.ts';

const scoresOf = (scores: number[]): DatasetScores => ({
  images: scores.map((_, i) => ({ id: `${i}`, path: `/${i}` })),
  predicted: new Int32Array(scores.length),
  scores: new Map([['D', Float32Array.from(scores)]]),
  failed: [],
});
const sets = [
  ['a', scoresOf([3, -Infinity, 1])],
  ['b', scoresOf([2, 3, Infinity, 0])],
] as const;

const found = (side: 'highest' | 'lowest', count: number) =>
  mostExtreme(sets, 'D', side, count).map(({ dataset, index, score }) => [dataset, index, score]);

describe('mostExtreme', () => {
  it('gives the highest scores of all sets, of equal ones the first listed', () => {
    expect(found('highest', 3)).toEqual([
      ['b', 2, Infinity],
      ['a', 0, 3],
      ['b', 1, 3],
    ]);
  });

  it('gives the lowest ones', () => {
    expect(found('lowest', 2)).toEqual([
      ['a', 1, -Infinity],
      ['b', 3, 0],
    ]);
  });

  it('gives all where there are fewer', () => {
    expect(found('lowest', 100).map(([, , score]) => score)).toEqual([-Infinity, 0, 1, 2, 3, 3, Infinity]);
  });
});
