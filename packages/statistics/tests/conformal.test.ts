import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  betaCdf,
  complement,
  confidentRank,
  conformalP,
  conformalRank,
  conformalRejections,
  leastForConfidence,
  leastForRank,
  leastRejections,
} from '@farout/statistics';
import { exceeding, falselyRefused, keeps, kinds, pValues, type Seen } from './parts/conformal-simulation.ts';
import { golden } from './parts/golden.ts';

describe('the rank of a threshold', () => {
  it('is that of a loop over all ranks in R', () => {
    for (const [n, thousandths, confidence, rank, confident] of golden.conformalRanks) {
      const alpha = thousandths! / 1000;
      const given = [conformalRank(n!, alpha), confidentRank(n!, alpha, confidence!)];
      expect([n, alpha, confidence, ...given]).toEqual([n, alpha, confidence, rank, confident]);
    }
  });

  it('counts in digits, where float64 rounds down', () => {
    expect([(99 + 1) * 0.29, conformalRank(99, 0.29)]).toEqual([28.999999999999996, 29]);
    expect([conformalRank(19, '0.05'), conformalRank(19, '5e-2'), conformalRank(19, '.0500')]).toEqual([1, 1, 1]);
    expect([conformalRank(18, 0.05), conformalRank(9_999_999, 1e-7), conformalRank(9_999_998, 1e-7)]).toEqual([
      0, 1, 0,
    ]);
  });

  it('asks for as many images as R finds: 19, and 90 at a confidence of 0.99', () => {
    for (const [thousandths, confidence, n, sure] of golden.conformalLeast) {
      const alpha = thousandths! / 1000;
      expect([leastForRank(alpha), leastForConfidence(alpha, confidence!)]).toEqual([n, sure]);
    }
    expect([leastForRank(0.05), leastForConfidence(0.05, 0.99)]).toEqual([19, 90]);
  });

  it('is 1 from the least number of images on, and 0 below', () => {
    const share = fc.integer({ min: 1, max: 999 }).map((thousandths) => thousandths / 1000);
    fc.assert(
      fc.property(share, share, (alpha, confidence) => {
        const [n, sure] = [leastForRank(alpha), leastForConfidence(alpha, confidence)];
        expect([conformalRank(n, alpha) >= 1, n === 0 || conformalRank(n - 1, alpha) === 0]).toEqual([true, true]);
        expect(confidentRank(sure, alpha, confidence)).toBeGreaterThanOrEqual(1);
        if (sure > 1) expect(confidentRank(sure - 1, alpha, confidence)).toBe(0);
      }),
    );
  });

  it('is the largest that is sure enough', () => {
    for (const n of [90, 1234, 100_000]) {
      const k = confidentRank(n, 0.05, 0.99);
      expect(betaCdf(0.05, k, n + 1 - k)).toBeGreaterThanOrEqual(0.99);
      expect(betaCdf(0.05, k + 1, n - k)).toBeLessThan(0.99);
    }
  });

  it.each([0, 1, -0.1, 1.5, NaN, Infinity, '', 'half', '0x1'])('is of a share between 0 and 1, not of %p', (alpha) => {
    expect(() => conformalRank(100, alpha)).toThrow(RangeError);
    expect(() => confidentRank(100, 0.05, alpha)).toThrow(RangeError);
  });
});

it('the complement of a share has its digits', () => {
  expect([0.95, '0.9', 0.999, 0.05, '9.5e-1', 1e-7].map(complement)).toEqual([
    '0.05',
    '0.1',
    '0.001',
    '0.95',
    '0.05',
    '0.9999999',
  ]);
});

describe('the verdict on several images', () => {
  it.each([...golden.conformalVerdicts.entries()])("is that of R's p.adjust: set %i", (_, verdict) => {
    const { calibration, tested, q, rejected } = verdict;
    const p = tested.map((score) => conformalP(score, calibration));
    p.forEach((each, at) => expect(each).toBeCloseTo(verdict.p[at]!, 14));
    expect(conformalRejections(p, calibration.length, q)).toEqual(rejected);
  });

  it('refuses where a p value is exactly what is allowed', () => {
    // 3 · 0.1 is more than 0.3 in float64.
    expect(conformalRejections([0.3, 0.3, 0.3], 9, 0.3)).toEqual([0, 1, 2]);
    expect(conformalRejections([0.1, 1, 1], 9, 0.3)).toEqual([0]);
    expect(conformalRejections([0.1, 1, 1, 1], 9, 0.3)).toEqual([]);
    expect(conformalRejections([], 9, 0.3)).toEqual([]);
  });

  it('says how many images could be refused at all', () => {
    expect([leastRejections(100, 199, 0.05), leastRejections(101, 199, 0.05), leastRejections(3, 9, 0.1)]).toEqual([
      10, 11, 3,
    ]);
    const whole = (max: number) => fc.integer({ min: 1, max });
    fc.assert(
      fc.property(whole(40), whole(60), whole(9), (m, n, tenths) => {
        const least = leastRejections(m, n, tenths / 10);
        const lowest = (count: number) => Array.from({ length: m }, (_, image) => (image < count ? 1 / (n + 1) : 1));
        if (least <= m) expect(conformalRejections(lowest(least), n, tenths / 10).length).toBeGreaterThanOrEqual(least);
        expect(conformalRejections(lowest(Math.min(least - 1, m)), n, tenths / 10)).toEqual([]);
      }),
    );
  });

  it('takes a score that is NaN for the lowest', () => {
    expect([
      conformalP(NaN, [-Infinity, 2]),
      conformalP(-Infinity, [-Infinity, 2]),
      conformalP(Infinity, [1, 2]),
    ]).toEqual([1 / 3, 2 / 3, 1]);
  });
});

/** `npm run fidelity -- conformal` does the same, 10,000 times each and up to n = 2,000. */
describe('by simulation', () => {
  const repetitions = 4000;
  const names = Object.keys(kinds) as (keyof typeof kinds)[];
  const expectKept = (all: readonly Seen[]) => expect(all.filter((each) => !keeps(each))).toEqual([]);

  it.each(names)('p is at most t with a probability of t at most: %s', (kind) => {
    for (const n of [19, 100]) expectKept(pValues(n, kind, repetitions));
  });

  it.each(names)('no more calibration sets than promised refuse too much: %s', (kind) => {
    expectKept([exceeding(90, kind, repetitions, 0.05, 0.99), exceeding(150, kind, repetitions, 0.1, 0.9)]);
  });

  it.each(names)('no more of those refused are in distribution than promised: %s', (kind) => {
    expectKept([falselyRefused(100, kind, 1000, { m: 40, inDistribution: 0.5, q: 0.2 })]);
  });
});
