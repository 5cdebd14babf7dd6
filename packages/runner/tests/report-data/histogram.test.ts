import { describe, expect, it } from '@jest/globals';
import { binsOver, edgesOf, Histogram } from '../../src/report-data/curves.ts';

const sharesOf = (values: number[], low: number, high: number, count: number) => {
  const histogram = new Histogram(binsOver(low, high, count));
  histogram.add(Float32Array.from(values));
  return histogram.shares();
};

describe('a histogram', () => {
  it('has edges at equal distances from the lowest to the highest', () => {
    expect(edgesOf(binsOver(-1, 3, 4))).toEqual([-1, 0, 1, 2, 3]);
  });

  it('counts a value on an edge in the bin above it, and the highest in the last', () => {
    expect(sharesOf([0, 1, 1.5, 2], 0, 2, 2)).toEqual([0.25, 0.75]);
  });

  it('counts what lies beyond, infinite values too, in the outermost bins', () => {
    expect(sharesOf([-Infinity, -7, 0.5, 9, Infinity], 0, 2, 2)).toEqual([0.6, 0.4]);
  });

  it('puts values that are all equal into the middle of a unit', () => {
    const bins = binsOver(5, 5, 3);
    expect(edgesOf(bins)[0]).toBe(4.5);
    expect(sharesOf([5, 5], bins.low, bins.high, 3)).toEqual([0, 1, 0]);
  });

  it('counts equal values also where they are so large that a unit is lost beside them', () => {
    const bins = binsOver(1e30, 1e30, 3);
    expect(sharesOf([1e30, 1e30], bins.low, bins.high, 3)).toEqual([0, 1, 0]);
  });

  it('adds up over blocks', () => {
    const histogram = new Histogram(binsOver(0, 2, 2));
    histogram.add(Float32Array.of(0.5));
    histogram.add(Float32Array.of(1.5, 1.5, 1.5));
    expect(histogram.shares()).toEqual([0.25, 0.75]);
  });

  it('has shares of 0 as long as there is no value', () => {
    expect(new Histogram(binsOver(0, 1, 2)).shares()).toEqual([0, 0]);
  });
});
