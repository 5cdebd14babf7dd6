import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { percentileInPlace } from '../src/percentile.ts';
import { percentileBySorting } from './percentiles.ts';

it('is the percentile of the sorted numbers', () => {
  const value = fc.oneof(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), fc.constantFrom(0, 1, -1));
  const percentile = fc.oneof(fc.double({ min: 0, max: 100, noNaN: true }), fc.constantFrom(0, 10, 50, 100));
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 60 }), percentile, (values, p) => {
      expect(percentileInPlace(Float64Array.from(values), p) + 0).toBe(percentileBySorting(values, p) + 0);
    }),
    { seed: 1, numRuns: 500 },
  );
});

it.each([
  ['all equal', () => 3],
  ['ascending', (i: number) => i],
  ['descending', (i: number) => -i],
])('does not take long where they are %s', (_, value) => {
  const values = Array.from({ length: 200_000 }, (_, i) => value(i));
  expect(percentileInPlace(Float64Array.from(values), 25)).toBe(percentileBySorting(values, 25));
});
