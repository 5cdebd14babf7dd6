import { describe, expect, it } from '@jest/globals';
import { sweep } from '@farout/core';
import { rocCurve } from '../../src/report-data/roc-curve.ts';

const curveOf = (id: number[], ood: number[]) => {
  const { falsePositiveRate, truePositiveRate } = rocCurve(sweep(Float32Array.from(id), Float32Array.from(ood)));
  return falsePositiveRate.map((x, i) => [x, truePositiveRate[i]]);
};

describe('rocCurve', () => {
  it('goes through the rates of every threshold, from the strictest to none', () => {
    expect(curveOf([3, 2, 1, 0], [2, -1])).toEqual([
      [0, 0],
      [0, 0.25],
      [0.5, 0.5],
      [0.5, 0.75],
      [0.5, 1],
      [1, 1],
    ]);
  });

  it('goes straight where all scores are equal', () => {
    expect(curveOf([1, 1], [1])).toEqual([
      [0, 0],
      [1, 1],
    ]);
  });

  it('keeps of many points few, exact ones, and loses less than can be seen', () => {
    const noise = (i: number) => (i * 0.618034) % 1;
    const id = Array.from({ length: 20_000 }, (_, i) => Math.fround(noise(i) + 0.3));
    const ood = Array.from({ length: 10_000 }, (_, i) => Math.fround(noise(i + 7)));
    const curve = curveOf(id, ood);
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
