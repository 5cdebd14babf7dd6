import { describe, expect, it } from '@jest/globals';
import { drawnOf, drawsOf } from '../src/draws.ts';

const many = 200_000;

/** Mean of the k-th powers. */
const moment = (values: readonly number[], k: number) => values.reduce((sum, v) => sum + v ** k, 0) / values.length;

describe('draws', () => {
  it('are the same for a seed, and others for another', () => {
    const first = (seed: number) => {
      const { uniform, normal } = drawsOf(seed);
      return [uniform(), normal(), uniform(), normal()];
    };
    expect(first(7)).toEqual(first(7));
    expect(new Set([0, 1, 2, -1, 2 ** 32, 2 ** 40].map((seed) => first(seed)[0])).size).toBe(6);
  });

  it('are the same normal numbers one by one and by the array, wherever it begins', () => {
    const [single, filled] = [drawsOf(7), drawsOf(7)];
    const drawn = [3, 0, 4, 1, 1, 2].flatMap((length) => {
      const into = new Float64Array(length);
      filled.fillNormal(into);
      return [...into, filled.normal(), filled.uniform()];
    });
    const expected = [3, 0, 4, 1, 1, 2].flatMap((length) => [
      ...Array.from({ length: length + 1 }, single.normal),
      single.uniform(),
    ]);
    expect(drawn).toEqual(expected);
  });

  it('are uniform: moments and independence of neighbours', () => {
    const { uniform } = drawsOf(3);
    const values = Array.from({ length: many }, uniform);
    for (const k of [1, 2, 3, 4]) expect(Math.abs(moment(values, k) - 1 / (k + 1))).toBeLessThan(0.003);
    const together = values.slice(1).reduce((sum, v, i) => sum + v * values[i]!, 0) / (many - 1);
    expect(Math.abs(together - 0.25)).toBeLessThan(0.003);
    expect(Math.min(...values.slice(0, 1000))).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values.slice(0, 1000))).toBeLessThan(1);
  });

  it('are normal: moments, and the share within one deviation', () => {
    const { normal } = drawsOf(4);
    const values = Array.from({ length: many }, normal);
    [0, 1, 0, 3].forEach((expected, i) => expect(Math.abs(moment(values, i + 1) - expected)).toBeLessThan(0.05));
    const within = values.filter((v) => Math.abs(v) < 1).length / many;
    expect(Math.abs(within - 0.682689)).toBeLessThan(0.004);
  });

  it('take exactly as many of some things as are wanted, each as often', () => {
    const taken = new Array<number>(10).fill(0);
    const draws = drawsOf(5);
    for (let round = 0; round < 20_000; round++) {
      const isDrawn = drawnOf(10, 3, draws);
      const drawn = taken.map(isDrawn);
      expect(drawn.filter(Boolean).length).toBe(3);
      drawn.forEach((is, i) => (taken[i]! += Number(is)));
    }
    for (const count of taken) expect(Math.abs(count / 20_000 - 0.3)).toBeLessThan(0.015);
  });
});
