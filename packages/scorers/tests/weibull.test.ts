import { describe, expect, it } from '@jest/globals';
import { fitWeibull } from '../src/weibull.ts';

const values = [1, 1.3, 1.7, 2.2, 2.9, 4.1];

const likelihood = (shape: number, scale: number) =>
  values.reduce(
    (sum, x) => sum + Math.log(shape / scale) + (shape - 1) * Math.log(x / scale) - (x / scale) ** shape,
    0,
  );

describe('fitWeibull', () => {
  it('finds what a bisection of the likelihood’s derivative finds', () => {
    // scipy.optimize.brentq to 1e-15.
    const { shape, scale } = fitWeibull(values);
    expect(shape).toBeCloseTo(2.2655660594099936, 12);
    expect(scale).toBeCloseTo(2.4973452208620164, 12);
  });

  it('has a greater likelihood than its neighbours', () => {
    const { shape, scale } = fitWeibull(values);
    for (const [a, b] of [
      [1.001, 1],
      [0.999, 1],
      [1, 1.001],
      [1, 0.999],
    ] as const) {
      expect(likelihood(shape * a, scale * b)).toBeLessThan(likelihood(shape, scale));
    }
  });

  it('scales with the numbers, in whatever order they come', () => {
    const { shape, scale } = fitWeibull(values);
    const scaled = fitWeibull(values.map((x) => 1000 * x).reverse());
    expect(scaled.shape).toBeCloseTo(shape, 10);
    expect(scaled.scale / 1000).toBeCloseTo(scale, 10);
  });

  it('converges for two numbers, for near ones and for far ones', () => {
    expect(fitWeibull([1, 1.0000001]).shape).toBeGreaterThan(1e6);
    expect(fitWeibull([1, 1e30, 1e60]).shape).toBeLessThan(0.1);
    expect(fitWeibull([1, 2]).scale).toBeGreaterThan(1);
  });

  it('is a step for equal numbers', () => {
    expect(fitWeibull([2, 2, 2])).toEqual({ scale: 2, shape: 1e12 });
    expect(fitWeibull([1, 1 + 1e-15]).shape).toBe(1e12);
  });

  it('is NaN where a number is not finite', () => {
    expect(fitWeibull([NaN, 1, 2])).toEqual({ scale: NaN, shape: NaN });
    expect(fitWeibull([1, Infinity])).toEqual({ scale: NaN, shape: NaN });
  });
});
