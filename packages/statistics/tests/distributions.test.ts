import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  betaCdf,
  betaQuantile,
  logBetaCdf,
  logGamma,
  normalCdf,
  normalQuantile,
  studentQuantile,
} from '@farout/statistics';
import { expectNear, golden } from './parts/golden.ts';

/** To which share of itself each number is R's. */
const cases = {
  normalCdf: [normalCdf, 1e-13],
  normalQuantile: [normalQuantile, 1e-13],
  logGamma: [logGamma, 1e-13],
  betaCdf: [betaCdf, 1e-10],
  betaQuantile: [betaQuantile, 1e-10],
  studentQuantile: [studentQuantile, 1e-10],
} as const;

describe.each(Object.keys(cases) as (keyof typeof cases)[])('%s', (name) => {
  const [given, relative] = cases[name] as readonly [(...numbers: number[]) => number, number];
  it("gives R's numbers", () => {
    for (const row of golden[name]) expectNear(given(...row.slice(0, -1)), row.at(-1)!, relative);
  });
});

describe('a quantile', () => {
  it('is where its distribution reaches the probability', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-300, max: 0.5, noNaN: true }), (p) => {
        expectNear(normalCdf(normalQuantile(p)), p, 1e-12);
      }),
    );
    const shape = fc.double({ min: 1, max: 2000, noNaN: true });
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 0.999, noNaN: true }), shape, shape, (p, a, b) => {
        expect(betaCdf(betaQuantile(p, a, b), a, b)).toBeCloseTo(p, 10);
      }),
    );
  });

  it('is at the ends for 0 and 1', () => {
    expect([normalQuantile(0), normalQuantile(1), normalQuantile(0.5)]).toEqual([-Infinity, Infinity, 0]);
    expect([studentQuantile(0, 3), studentQuantile(1, 3), studentQuantile(0.5, 3)]).toEqual([-Infinity, Infinity, 0]);
    expect(studentQuantile(0.9, Infinity)).toBe(normalQuantile(0.9));
    expect([betaQuantile(0, 2, 3), betaQuantile(1, 2, 3)]).toEqual([0, 1]);
  });

  it.each([-0.1, 1.1, NaN])('is refused of %f, which is no probability', (p) => {
    expect(() => normalQuantile(p)).toThrow(RangeError);
    expect(() => betaQuantile(p, 2, 3)).toThrow(RangeError);
  });
});

it('tails far out are 0 and 1', () => {
  expect([normalCdf(-Infinity), normalCdf(-40), normalCdf(40), normalCdf(Infinity)]).toEqual([0, 0, 1, 1]);
  expect([betaCdf(-1, 2, 3), betaCdf(0, 2, 3), betaCdf(1, 2, 3), betaCdf(2, 2, 3)]).toEqual([0, 0, 1, 1]);
});

it('the logarithm of a beta distribution goes on where its share is 0', () => {
  for (const [x, a, b, share] of golden.betaCdf)
    if (share! > 1e-300) expect(logBetaCdf(x!, a!, b!)).toBeCloseTo(Math.log(share!), 9);
  // Iₓ(a, 1) is xᵃ, and Iₓ(1, b) is 1 − (1 − x)ᵇ.
  expectNear(logBetaCdf(0.1, 2000, 1), 2000 * Math.log(0.1), 1e-13);
  expectNear(logBetaCdf(1e-9, 1, 7), Math.log(7e-9), 1e-8);
  expect([logBetaCdf(0, 2, 3), logBetaCdf(1, 2, 3), logBetaCdf(NaN, 2, 3)]).toEqual([-Infinity, 0, NaN]);
});

it('what is no number has no probability', () => {
  expect([normalCdf(NaN), betaCdf(NaN, 2, 3)]).toEqual([NaN, NaN]);
});
