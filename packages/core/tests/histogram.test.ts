import { describe, expect, it } from '@jest/globals';
import { Histogram } from '../src/histogram.ts';

const sharesOf = (values: number[], low: number, high: number, count: number) => {
  const histogram = new Histogram(low, high, count);
  histogram.add(Float32Array.from(values));
  return histogram.shares();
};

describe('a histogram', () => {
  it('has edges at equal distances from the lowest to the highest', () => {
    expect(new Histogram(-1, 3, 4).edges).toEqual([-1, 0, 1, 2, 3]);
  });

  it('counts a value on an edge in the bin above it, and the highest in the last', () => {
    expect(sharesOf([0, 1, 1.5, 2], 0, 2, 2)).toEqual([0.25, 0.75]);
  });

  it('counts what lies beyond, infinite values too, in the outermost bins', () => {
    expect(sharesOf([-Infinity, -7, 0.5, 9, Infinity], 0, 2, 2)).toEqual([0.6, 0.4]);
  });

  it('puts values that are all equal into the middle of a unit', () => {
    expect(new Histogram(5, 5, 3).edges[0]).toBe(4.5);
    expect(sharesOf([5, 5], 5, 5, 3)).toEqual([0, 1, 0]);
  });

  it('counts equal values also where they are so large that a unit is lost beside them', () => {
    expect(sharesOf([1e30, 1e30], 1e30, 1e30, 3)).toEqual([0, 1, 0]);
  });

  it('adds up over blocks', () => {
    const histogram = new Histogram(0, 2, 2);
    histogram.add(Float32Array.of(0.5));
    histogram.add(Float32Array.of(1.5, 1.5, 1.5));
    expect(histogram.shares()).toEqual([0.25, 0.75]);
  });

  it('counts values by their weights where they have some', () => {
    const histogram = new Histogram(0, 2, 2);
    histogram.add(Float32Array.of(0.5, 1.5), Float64Array.of(1, 0.25));
    expect(histogram.shares()).toEqual([0.8, 0.2]);
  });

  it('has shares of 0 as long as there is no value', () => {
    expect(new Histogram(0, 1, 2).shares()).toEqual([0, 0]);
  });
});
