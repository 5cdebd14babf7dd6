import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { aurocInterval, aurocParts, covariance, degreesOfFreedom, logitInterval, newcombe } from '@farout/statistics';
import { golden } from './parts/golden.ts';

const parts = (id: readonly number[], ood: readonly number[]) =>
  aurocParts(Float32Array.from(id), Float32Array.from(ood));
const counted = (count: number, from = 0) => Array.from({ length: count }, (_, at) => from + at);

describe("Newcombe's method 5", () => {
  it.each(golden.newcombe as number[][])(
    "ends where R's root search finds |a − θ| = z·√V(θ): a = %f, m = %i, n = %i, level %f",
    (value, m, n, level, low, high) => {
      const found = newcombe(value, m, n, level);
      expect(Math.abs(found.low - low)).toBeLessThan(1e-10);
      expect(Math.abs(found.high - high)).toBeLessThan(1e-10);
    },
  );

  it('has one crossing on either side: all between its ends holds, nothing outside', () => {
    const z2 = 3.8414588206941254;
    const away = (a: number, t: number, m: number, n: number) => {
      const star = (m + n) / 2 - 1;
      return (a - t) ** 2 - (z2 * t * (1 - t) * (1 + (star * (1 - t)) / (2 - t) + (star * t) / (1 + t))) / (m * n);
    };
    const images = fc.integer({ min: 1, max: 3000 });
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), images, images, (a, m, n) => {
        const { low, high } = newcombe(a, m, n);
        for (let step = 1; step < 1000; step++) {
          const t = step / 1000;
          if (Math.min(Math.abs(t - low), Math.abs(t - high)) < 1e-9) continue;
          expect(away(a, t, m, n) <= 0).toBe(low <= t && t <= high);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('says nothing of a value that is none', () => {
    expect(newcombe(NaN, 10, 10)).toEqual({ low: NaN, high: NaN });
  });
});

describe('the logit interval', () => {
  it('is the share of a logit ± z·s / (a(1 − a))', () => {
    // R: plogis(qlogis(0.9) + c(-1, 1) * qnorm(0.975) * 0.02 / (0.9 * 0.1))
    const { low, high } = logitInterval(0.9, 0.02);
    expect(low).toBeCloseTo(0.8534195713720477, 14);
    expect(high).toBeCloseTo(0.932941187459963, 14);
  });

  it("reaches as far as Student's t where the error is an estimate", () => {
    // R: plogis(qlogis(0.9) + c(-1, 1) * qt(0.975, 15) * 0.02 / (0.9 * 0.1))
    const { low, high } = logitInterval(0.9, 0.02, 0.95, 15);
    expect(low).toBeCloseTo(0.8485879908951135, 12);
    expect(high).toBeCloseTo(0.9352863164565244, 12);
  });

  it('is none at 0 and at 1', () => {
    for (const value of [0, 1]) expect(logitInterval(value, 0)).toEqual({ low: NaN, high: NaN });
  });
});

describe('degrees of freedom', () => {
  const ofParts = (id: readonly number[], ood: readonly number[]) =>
    degreesOfFreedom({ value: 0.9, id: Float64Array.from(id), ood: [Float64Array.from(ood)] });

  it("are Welch and Satterthwaite's where no image stands out", () => {
    // (a + b)² / (a² / (4 − 1) + b² / (2 − 1)) for a = 4, b = 8
    expect(ofParts([1, -1, 1, -1], [2, -2])).toBeCloseTo(144 / (16 / 3 + 64), 12);
  });

  it("are few where one image has nearly all of a set's variance", () => {
    // Σp² = 10 and Σp⁴ = 82 in each set: 2 · 20² / (2 · (82 − 10² / 50))
    const two = [3, -1, ...Array<number>(48).fill(0)];
    expect(ofParts(two, two)).toBeCloseTo(5, 12);
  });
});

describe('the interval of an AUROC', () => {
  it("is DeLong's from 30 images on in either set", () => {
    const found = parts(counted(30, 10), counted(30));
    const { value } = found;
    expect(aurocInterval(found, 30, 30)).toEqual({
      ...logitInterval(value, Math.sqrt(covariance(found, found)), 0.95, degreesOfFreedom(found)),
      method: 'delong',
    });
  });

  it.each([
    ['29 ID images', counted(29, 10), counted(30)],
    ['29 OOD images', counted(30, 10), counted(29)],
    ['an AUROC of 1', counted(40, 100), counted(40)],
    ['an AUROC of 0', counted(40), counted(40, 100)],
    ['equal scores everywhere', Array<number>(40).fill(1), Array<number>(40).fill(1)],
  ])("is Newcombe's for %s", (_, id, ood) => {
    const found = parts(id, ood);
    const expected = newcombe(found.value, id.length, ood.length);
    expect(aurocInterval(found, id.length, ood.length)).toEqual({ ...expected, method: 'newcombe' });
  });

  it('is never of width 0, never outside 0..1, and holds its value', () => {
    const scores = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(scores, scores, (id, ood) => {
        const found = parts(id, ood);
        const { low, high } = aurocInterval(found, id.length, ood.length);
        expect(low).toBeLessThan(high);
        expect([low >= 0, low <= found.value, found.value <= high, high <= 1]).toEqual([true, true, true, true]);
      }),
    );
  });
});
