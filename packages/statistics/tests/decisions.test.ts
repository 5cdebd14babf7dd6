import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { benjaminiHochberg, binomialUpperTail, holm, notBeaten, twoSidedP } from '@farout/statistics';
import { expectNear, golden } from './parts/golden.ts';

describe('adjusted p values', () => {
  it.each([...golden.adjusted.entries()])("are those of R's p.adjust: list %i", (_, { p, holm: byHolm, bh }) => {
    expect(holm(p)).toHaveLength(p.length);
    byHolm.forEach((value, at) => expectNear(holm(p)[at]!, value, 1e-14));
    bh.forEach((value, at) => expectNear(benjaminiHochberg(p)[at]!, value, 1e-14));
  });

  it('follow their p values into any order', () => {
    const lists = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 });
    fc.assert(
      fc.property(lists, (p) => {
        for (const adjust of [holm, benjaminiHochberg]) expect(adjust(p.toReversed())).toEqual(adjust(p).toReversed());
      }),
    );
  });
});

describe('the two-sided p', () => {
  it('is that of the normal distribution', () => {
    // R: 2 * pnorm(-1.5)
    for (const difference of [0.3, -0.3]) expect(twoSidedP(difference, 0.2)).toBeCloseTo(0.1336144025377161, 14);
  });

  it('is 1 without a difference, 0 for one that has no error', () => {
    expect([twoSidedP(0, 0), twoSidedP(0, 0.1), twoSidedP(0.1, 0)]).toEqual([1, 1, 0]);
  });

  it('is unknown where the error is', () => {
    expect(twoSidedP(0.1, NaN)).toBeNaN();
  });
});

it("the binomial upper tail is R's pbinom", () => {
  for (const [k, n, p, tail] of golden.binomialUpperTail) expectNear(binomialUpperTail(k!, n!, p!), tail!, 1e-10);
  expect(binomialUpperTail(6, 5, 0.5)).toBe(0);
});

describe('the rows that no other beats', () => {
  const error = () => 0.1;

  it('are those within z of a one-sided test at 5 % / (k − 1) of every other', () => {
    // R: qnorm(1 - 0.05 / 2) = 1.95996, for the two rows that a row of three is compared with.
    expect(notBeaten([0.9, 0.9 - 0.1959, 0.9 - 0.1961], error, 'higher')).toEqual([0, 1]);
    expect(notBeaten([0.1, 0.1 + 0.1959, 0.1 + 0.1961], error, 'lower')).toEqual([0, 1]);
    // R: qnorm(1 - 0.05) = 1.64485
    expect(notBeaten([0.9 - 0.1644, 0.9], error, 'higher')).toEqual([0, 1]);
    expect(notBeaten([0.9 - 0.1646, 0.9], error, 'higher')).toEqual([1]);
    // R: qnorm(1 - 0.2) = 0.84162
    expect(notBeaten([0.9 - 0.085, 0.9], error, 'higher', 0.2)).toEqual([1]);
  });

  it('may be beaten by another than the first', () => {
    const errorOf = (a: number, b: number) => (Math.min(a, b) === 0 ? 1 : 0.001);
    expect(notBeaten([0.9, 0.85, 0.8], errorOf, 'higher')).toEqual([0, 1]);
  });

  it('are all where values are equal, and the better one where a difference has no error', () => {
    expect(notBeaten([0.5, 0.5], () => 0, 'higher')).toEqual([0, 1]);
    expect(notBeaten([0.5, 0.6], () => 0, 'higher')).toEqual([1]);
  });

  it('are not beaten where the error is unknown', () => {
    expect(notBeaten([0.5, 0.6], () => NaN, 'higher')).toEqual([0, 1]);
  });

  it('leave out a row without a value, and do not count it', () => {
    expect(notBeaten([NaN, 0.9 - 0.1644, 0.9], error, 'higher')).toEqual([1, 2]);
    expect(notBeaten([NaN, 0.9 - 0.1646, 0.9], error, 'higher')).toEqual([2]);
    expect([notBeaten([], error, 'higher'), notBeaten([NaN], error, 'higher'), notBeaten([3], error, 'lower')]).toEqual(
      [[], [], [0]],
    );
  });
});
