import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { standingOf } from '../src/ranks.ts';

const ascending = (scores: readonly number[]) => [...scores].sort((a, b) => a - b);
const ofAll = (scores: readonly number[]) => ({ count: scores.length, scores: ascending(scores) });

describe('where a score stands', () => {
  it.each([
    ['below all', 0, 0, 1 / 5],
    ['at the lowest', 1, 0, 2 / 5],
    ['at two equal ones', 2, 1 / 4, 4 / 5],
    ['between', 2.5, 3 / 4, 4 / 5],
    ['above all', 9, 1, 1],
    ['below all, infinite', -Infinity, 0, 1 / 5],
    ['above all, infinite', Infinity, 1, 1],
    ['no number', NaN, 0, 1 / 5],
  ])('%s', (_, score, lower, p) => {
    expect(standingOf(score, ofAll([2, 1, 3, 2]))).toEqual({ lower, p });
  });

  it('is what counting gives', () => {
    const few = fc.integer({ min: -3, max: 3 });
    fc.assert(
      fc.property(fc.array(few, { minLength: 1, maxLength: 30 }), few, (scores, score) => {
        let [lower, upTo] = [0, 0];
        for (const each of scores) {
          if (each < score) lower++;
          if (each <= score) upTo++;
        }
        const { length } = scores;
        expect(standingOf(score, ofAll(scores))).toEqual({ lower: lower / length, p: (1 + upTo) / (length + 1) });
      }),
    );
  });

  it('is never a smaller p by quantiles than by all scores, and near it', () => {
    const [count, size] = [10_000, 101];
    const all = ascending(Array.from({ length: count }, (_, at) => Math.fround(Math.sin(at) * 50)));
    const scores = Array.from({ length: size }, (_, at) => all[Math.round((at * (count - 1)) / (size - 1))]!);
    for (let score = -51; score < 51; score += 0.37) {
      const [exact, found] = [standingOf(score, ofAll(all)), standingOf(score, { count, scores })];
      expect(found.p).toBeGreaterThanOrEqual(exact.p);
      expect(found.p - exact.p).toBeLessThan(1.01 / (size - 1));
      expect(Math.abs(found.lower - exact.lower)).toBeLessThan(1.01 / (size - 1));
    }
  });
});
