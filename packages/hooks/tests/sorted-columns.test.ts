import { describe, expect, it } from '@jest/globals';
import { SortedColumns } from '../src/sorted-columns.ts';
import { percentileBySorting } from './percentiles.ts';

const [classes, width] = [300, 40];

/** Numbers that look random, the same each time. */
function numbers(count: number, value: (x: number) => number): number[] {
  let state = 1;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return value(state / 2 ** 31 - 1);
  });
}

const productsOf = (weight: Float32Array, sizes: Float64Array) => Array.from(weight, (w, i) => sizes[i % width]! * w);

describe.each<[string, (x: number) => number, (x: number) => number]>([
  ['spread', (x) => x, (x) => Math.abs(x)],
  ['far apart', (x) => x ** 15, (x) => Math.exp(20 * x)],
  ['mostly 0', (x) => (Math.abs(x) < 0.8 ? 0 : x), (x) => (x < 0.3 ? 0 : x)],
  ['all equal', () => 3, () => 2],
])('products of columns that are %s', (_, weightOf, sizeOf) => {
  const weight = Float32Array.from(numbers(classes * width, weightOf));
  const sizes = Float64Array.from(numbers(width, sizeOf));
  const columns = new SortedColumns(weight, width);

  it.each([0, 10, 37.7, 50, 99, 100])('have the percentile %d of the sorted ones', (percentile) => {
    expect(columns.percentile(sizes, percentile) + 0).toBe(
      percentileBySorting(productsOf(weight, sizes), percentile) + 0,
    );
  });

  it.each([-1, -1e-3, 0, 0.2, 6, 100])('have the largest weights of which they are at most %d', (bound) => {
    const largest = sizes.map((size, d) => {
      const own = weight.filter((w, i) => i % width === d && size * w <= bound);
      return own.reduce((a, b) => Math.max(a, b), -Infinity);
    });
    expect([...columns.largestUpTo(sizes, bound)].map((each) => each + 0)).toEqual(
      [...largest].map((each) => each + 0),
    );
  });
});
