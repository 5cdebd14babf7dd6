import { describe, expect, it } from '@jest/globals';
import { curveOf } from '@farout/core';
import { rocCurve, scoreDistribution } from '../../src/report-data/curves.ts';

const distributionOf = (id: number[], ood: number[]) =>
  scoreDistribution(curveOf(Float32Array.from(id), Float32Array.from(ood)));

/** What share of the values lies in each bin, by comparing every value with every edge. */
const counted = (values: number[], edges: readonly number[]) =>
  edges.slice(1).map((high, bin) => {
    const [first, last] = [bin === 0, bin === edges.length - 2];
    return values.filter((v) => (first || v >= edges[bin]!) && (last || v < high)).length / values.length;
  });

describe('scoreDistribution', () => {
  it('counts both sets in the same bins, from the lowest score of both to the highest', () => {
    const id = Array.from({ length: 50 }, (_, i) => 10 + Math.sin(i) * 3.3);
    const ood = Array.from({ length: 30 }, (_, i) => 5 + Math.cos(i) * 4.1);
    const { edges, idShares, oodShares } = distributionOf(id, ood);
    expect([edges[0], edges.at(-1)]).toEqual([Math.fround(Math.min(...ood)), Math.fround(Math.max(...id))]);
    expect(idShares).toEqual(counted(id, edges).map((share) => expect.closeTo(share, 5)));
    expect(oodShares).toEqual(counted(ood, edges).map((share) => expect.closeTo(share, 5)));
  });

  it('does not let one score of a thousand stretch the bins', () => {
    const id = Array.from({ length: 2000 }, (_, i) => i / 2000);
    const { edges, idShares } = distributionOf([...id, 1e9], id);
    expect(edges.at(-1)).toBeLessThan(1.01);
    expect(idShares.reduce((sum, share) => sum + share)).toBeCloseTo(1, 5);
  });

  it('leaves infinite scores out of the edges and counts them at the ends', () => {
    const { edges, idShares, oodShares } = distributionOf([Infinity, 1], [-Infinity, 0]);
    expect([edges[0], edges.at(-1)]).toEqual([0, 1]);
    expect([idShares.at(-1), oodShares[0]]).toEqual([1, 1]);
  });

  it('tells bins apart however close the scores lie', () => {
    const close = Array.from({ length: 100 }, (_, i) => 1 - i * 2 ** -24);
    const { edges } = distributionOf(close, close);
    expect(new Set(edges).size).toBe(edges.length);
  });

  it('has finite edges where no score is finite', () => {
    const { edges } = distributionOf([Infinity], [-Infinity]);
    expect(edges.every(Number.isFinite)).toBe(true);
  });
});

const pointsOf = (id: number[], ood: number[]) => {
  const { falsePositiveRate, truePositiveRate } = rocCurve(curveOf(Float32Array.from(id), Float32Array.from(ood)));
  return falsePositiveRate.map((x, i) => [x, truePositiveRate[i]]);
};

describe('rocCurve', () => {
  it('goes through the rates of every threshold, from the strictest to none', () => {
    expect(pointsOf([3, 2, 1, 0], [2, -1])).toEqual([
      [0, 0],
      [0, 0.25],
      [0.5, 0.5],
      [0.5, 0.75],
      [0.5, 1],
      [1, 1],
    ]);
  });

  it('goes straight where all scores are equal', () => {
    expect(pointsOf([1, 1], [1])).toEqual([
      [0, 0],
      [1, 1],
    ]);
  });

  it('keeps of many points few, exact ones, and loses less than can be seen', () => {
    const noise = (i: number) => (i * 0.618034) % 1;
    const id = Array.from({ length: 20_000 }, (_, i) => Math.fround(noise(i) + 0.3));
    const ood = Array.from({ length: 10_000 }, (_, i) => Math.fround(noise(i + 7)));
    const curve = pointsOf(id, ood);
    expect(curve.length).toBeLessThanOrEqual(250);
    expect([curve[0], curve.at(-1)]).toEqual([
      [0, 0],
      [1, 1],
    ]);
    const share = (scores: number[], t: number) => scores.filter((score) => score >= t).length / scores.length;
    for (const t of [0.1, 0.5, 0.95, 1.1, 1.25]) {
      const [x, y] = [share(ood, t), share(id, t)];
      const after = curve.findIndex(([fpr, tpr]) => fpr! >= x && tpr! >= y);
      const [[x0, y0], [x1, y1]] = [curve[after - 1]!, curve[after]!];
      expect(x1! - x0! + (y1! - y0!)).toBeLessThanOrEqual(0.0101);
      expect(x0).toBeLessThanOrEqual(x);
      expect(y0).toBeLessThanOrEqual(y);
    }
  });
});
