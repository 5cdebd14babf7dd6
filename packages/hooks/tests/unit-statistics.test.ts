import { describe, expect, it } from '@jest/globals';
import { pooledMoments, UnitStatistics } from '../src/unit-statistics.ts';

const rows = (data: number[], width: number) => ({
  data: Float32Array.from(data),
  shape: [data.length / width, width] as const,
});

describe('UnitStatistics', () => {
  it('knows mean, population deviation and range of every unit over blocks of any size', () => {
    const statistics = new UnitStatistics();
    const blocks = [
      [1, 10, 2, -20, 6, 30],
      [4, 0],
      [7, 5, -2, 8],
    ];
    for (const block of blocks) statistics.add(rows(block, 2));
    const { mean, deviation } = statistics.moments();
    [0, 1].forEach((unit) => {
      const values = blocks.flat().filter((_, i) => i % 2 === unit);
      const expected = values.reduce((sum, v) => sum + v, 0) / values.length;
      const variance = values.reduce((sum, v) => sum + (v - expected) ** 2, 0) / values.length;
      expect(mean[unit]).toBeCloseTo(expected, 12);
      expect(deviation[unit]).toBeCloseTo(Math.sqrt(variance), 12);
    });
    expect([statistics.low, statistics.high]).toEqual([-20, 30]);
  });

  it('keeps the digits of a small spread far from zero', () => {
    const statistics = new UnitStatistics();
    for (let block = 0; block < 50; block++) statistics.add(rows([16777214, 16777216, 16777214, 16777216], 1));
    expect(statistics.moments().deviation[0]).toBeCloseTo(1, 12);
  });
});

it('pools the moments of units to those of all their values', () => {
  const statistics = new UnitStatistics();
  const values = [1, 10, 2, -20, 6, 30];
  statistics.add(rows(values, 3));
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
  const pooled = pooledMoments(statistics.moments());
  expect(pooled.mean).toBeCloseTo(mean, 12);
  expect(pooled.deviation).toBeCloseTo(Math.sqrt(variance), 12);
});
