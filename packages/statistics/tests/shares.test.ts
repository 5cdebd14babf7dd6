import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { clopperPearson, reach, wilson } from '@farout/statistics';
import { expectNear, golden } from './parts/golden.ts';

const intervals = { wilson, clopperPearson };

describe.each(['wilson', 'clopperPearson'] as const)('%s', (name) => {
  it.each(golden[name] as number[][])("gives R's interval of %i of %i at %f", (k, n, level, low, high) => {
    const found = intervals[name](k, n, level);
    expectNear(found.low, low, 1e-11);
    expectNear(found.high, high, 1e-11);
  });

  it('begins at 0 for none, and ends at 1 for all', () => {
    for (let n = 1; n <= 1000; n++) expect([intervals[name](0, n).low, intervals[name](n, n).high]).toEqual([0, 1]);
  });

  it('is never of width 0, never outside 0..1, and holds its share', () => {
    const shares = fc
      .integer({ min: 1, max: 20_000 })
      .chain((n) => fc.tuple(fc.integer({ min: 0, max: n }), fc.constant(n)));
    fc.assert(
      fc.property(shares, ([k, n]) => {
        const { low, high } = intervals[name](k, n);
        expect(low).toBeLessThan(high);
        expect([low >= 0, low <= k / n, k / n <= high, high <= 1]).toEqual([true, true, true, true]);
        const turned = intervals[name](n - k, n);
        expect(turned.low).toBeCloseTo(1 - high, 12);
        expect(turned.high).toBeCloseTo(1 - low, 12);
      }),
    );
  });
});

it('an interval of 95 % reaches 1.96 standard errors', () => {
  expect(reach(0.95)).toBeCloseTo(1.959963984540054, 14);
});
