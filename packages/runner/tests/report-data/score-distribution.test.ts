import { describe, expect, it } from '@jest/globals';
import { sweep } from '@farout/core';
import { scoreDistribution } from '../../src/report-data/score-distribution.ts';

const distributionOf = (id: number[], ood: number[]) =>
  scoreDistribution(sweep(Float32Array.from(id), Float32Array.from(ood)));

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
