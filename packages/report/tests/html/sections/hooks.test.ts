import { describe, expect, it } from '@jest/globals';
import { unitsByMean } from '../../../src/html/sections/hooks.ts';

const set = (mean: number[], deviation = mean.map(() => 0)) => ({ set: 's', mean, deviation });

describe('unitsByMean', () => {
  it("puts the units of every set in the order of the ID set's means before the hooks", () => {
    const { before, after, width, perPoint } = unitsByMean({
      before: [set([3, 1, 2]), set([10, 20, 30])],
      after: [set([1, 1, 2]), set([5, 6, 7])],
    });
    const means = (bands: typeof before) => bands.map((points) => points.map(({ mean }) => mean));
    expect(means(before)).toEqual([
      [1, 2, 3],
      [20, 30, 10],
    ]);
    expect(means(after)).toEqual([
      [1, 2, 1],
      [6, 7, 5],
    ]);
    expect([width, perPoint]).toEqual([3, 1]);
  });

  it('draws a standard deviation to both sides and knows the ends of all bands', () => {
    const { before, low, high } = unitsByMean({ before: [set([1, 4], [0.5, 2])], after: [set([1, 1], [3, 0])] });
    expect(before[0]).toEqual([
      { unit: 1, mean: 1, low: 0.5, high: 1.5 },
      { unit: 2, mean: 4, low: 2, high: 6 },
    ]);
    expect([low, high]).toEqual([-2, 6]);
  });

  it('joins neighbours where there are more units than points: the mean of means, the root of the mean variance', () => {
    const means = Array.from({ length: 300 }, (_, i) => i);
    const { before, perPoint } = unitsByMean({ before: [set(means, means)], after: [] });
    expect(perPoint).toBe(3);
    expect(before[0]).toHaveLength(100);
    const spread = Math.sqrt((3 ** 2 + 4 ** 2 + 5 ** 2) / 3);
    expect(before[0]![1]).toEqual({ unit: 5, mean: 4, low: 4 - spread, high: 4 + spread });
  });
});
