import { describe, expect, it } from '@jest/globals';
import { bootstrapSpread } from '../../src/evaluate/bootstrap.ts';

const sets = {
  id: { name: 'id', images: 30, units: 30 },
  ood: ['near', 'far'].map((name) => ({ name, images: 20, units: 20 })),
};
/** 1,001 draws of each set, in steps of a thousandth: their quantiles can be read off, and their mean is the middle. */
const steps = (from: number) => Array.from({ length: 1001 }, (_, at) => from + at / 10_000);
const numbers = { draws: 1001, numbers: Float64Array.from([...steps(0.2), ...steps(0.3)]) };
const [near, average] = [
  { name: 'near', sets: [0] },
  { name: 'average', sets: [0, 1] },
];

describe('the interval of a metric that is the best of all thresholds', () => {
  const best = bootstrapSpread({ bestOfThresholds: true }, numbers, sets);
  const ends = (interval: ReturnType<typeof best.interval>) => [interval!.low, interval!.high];

  it('is moved back by twice what the mean of the draws is from the value', () => {
    // 2.5 % and 97.5 % of 0.2 to 0.3 are 0.2025 and 0.2975; the mean 0.25 is 0.01 below the value.
    const moved = ends(best.interval(0, near, 0.26));
    expect(moved).toEqual([expect.closeTo(0.2225, 12), expect.closeTo(0.3175, 12)]);
    const plain = ends(bootstrapSpread({}, numbers, sets).interval(0, near, 0.26));
    expect(plain).toEqual([expect.closeTo(0.2025, 12), expect.closeTo(0.2975, 12)]);
  });

  it('is moved so for an average over sets too', () => {
    // The draws of the average are 0.25 to 0.35.
    const moved = ends(best.interval(0, average, 0.32));
    expect(moved).toEqual([expect.closeTo(0.2925, 12), expect.closeTo(0.3875, 12)]);
  });

  it('stays within 0 and 1', () => {
    expect(ends(best.interval(0, near, 0.13))).toEqual([0, expect.closeTo(0.0575, 12)]);
    expect(ends(best.interval(0, near, 0.64))).toEqual([expect.closeTo(0.9825, 12), 1]);
    expect(best.interval(0, near, 0.1)).toBeUndefined();
  });
});
