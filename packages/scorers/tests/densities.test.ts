import { describe, expect, it } from '@jest/globals';
import { binOf, Densities, divergence, edgesBetween, Range, smoothed } from '../src/densities.ts';

describe('densities', () => {
  it('have a bin hold its lower edge, and none what lies beyond', () => {
    const edges = edgesBetween(0, 10, 5);
    expect([...edges]).toEqual([0, 2, 4, 6, 8, 10]);
    expect([-0.1, 0, 1.9, 2, 9.99, 10, NaN].map((value) => binOf(value, edges))).toEqual([-1, 0, 0, 1, 4, -1, -1]);
    expect(edges.subarray(0, 5).every((edge, i) => binOf(edge, edges) === i)).toBe(true);
  });

  it('have no bin for anything where all numbers are one', () => {
    const edges = edgesBetween(3, 3, 4);
    expect(binOf(3, edges)).toBe(-1);
  });

  it('count dimensions in chunks of equal weight', () => {
    const densities = new Densities(1, 1500, Float32Array.of(0, 4), 2);
    densities.add(new Float32Array(1000).fill(1), 1000);
    densities.add(new Float32Array(500).fill(3), 500);
    expect(densities.of(0)[0]).toBeCloseTo(0.5, 12);
    expect(densities.of(0)[1]).toBeCloseTo(0.5, 12);
  });

  it('know the ends of what they count', () => {
    const range = new Range();
    range.add(Float32Array.of(2, -1));
    range.add(Float32Array.of(5));
    expect([...range.ends()]).toEqual([-1, 5]);
  });

  it('are smoothed over bins of which an even number has one more behind', () => {
    expect([...smoothed(Float64Array.of(0, 0, 4, 0, 0, 0), 4)]).toEqual([1, 1, 1, 1, 0, 0]);
    expect([...smoothed(Float64Array.of(3, 0, 0), 3)]).toEqual([2, 1, 0]);
  });

  it('differ by the symmetric divergence of Kullback and Leibler', () => {
    const p = [0.3, 0.7];
    const q = [0.6, 0.4];
    const expected = p.reduce((sum, a, i) => sum + (a - q[i]!) * Math.log(a / q[i]!), 0);
    expect(divergence(Float64Array.from(p), Float64Array.from(q), 0)).toBeCloseTo(expected, 12);
    expect(divergence(Float64Array.from(p), Float64Array.from(p), 0.01)).toBe(0);
  });
});
