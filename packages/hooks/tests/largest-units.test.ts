import { expect, it } from '@jest/globals';
import { input } from '@farout/tensor';
import { largestUnits } from '../src/largest-units.ts';
import { percent } from '../src/percent.ts';

// numpy.round(n · p / 100) of Python, by hand: 6.5 → 6, 7.5 → 8, 1740.8 → 1741, 1088 → 1088.
it.each([
  [10, 65, 4],
  [10, 75, 2],
  [2048, 85, 307],
  [1280, 85, 192],
  [96, 90, 10],
  [5, 0, 5],
  [10, 99, 1],
])('leaves of %d units at %d %% as many as numpy says, and at least one: %d', (width, percentile, left) => {
  const { values, indices } = largestUnits(input('h', ['N', width]), percentile);
  expect([values.shape, indices.shape]).toEqual([
    ['N', left],
    ['N', left],
  ]);
});

it('says of a fraction what to write in percent', () => {
  const [issue] = percent('percentile').safeParse(0.9).error!.issues;
  expect(issue!.message).toBe('percentile is in percent: write 90 for 0.9');
});
