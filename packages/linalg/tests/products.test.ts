import { describe, expect, it } from '@jest/globals';
import { openWorkspace, partFrom, rowsOf, transposed } from '../src/products.ts';
import { farthest, matrixOf, randomMatrix, randomSymmetric, times, turned } from './parts/matrices.ts';

/** C + factor · A·B through the kernels, each matrix standing in the middle of a larger one. */
function product(rows: number, columns: number, depth: number, { upper = false, turn = false } = {}) {
  const [a, b, c] = [randomMatrix(rows, depth, 1), randomMatrix(depth, columns, 2), randomMatrix(rows, columns, 3)];
  const stride = Math.max(rows, columns, depth) + 3;
  const space = openWorkspace({ a: (stride + 1) * stride, b: (stride + 1) * stride, c: (stride + 1) * stride });
  const placed = { a: turn ? turned(a) : a, b: turn ? turned(b) : b, c };
  for (const [name, { data, shape }] of Object.entries(placed))
    for (let i = 0; i < shape[0]; i++)
      space[name as 'a'].set(data.subarray(i * shape[1], (i + 1) * shape[1]), (i + 1) * stride + 2);
  const part = (name: 'a' | 'b') => {
    const inner = partFrom(rowsOf(space[name], stride), 1, 2);
    return turn ? transposed(inner) : inner;
  };
  const to = partFrom(rowsOf(space.c, stride), 1, 2);
  space.products.addProduct(to, part('a'), part('b'), { rows, columns, depth, upper }, -0.5);
  const exact = times(a, b);
  const expected = matrixOf(rows, columns, (i, j) => c.data[i * columns + j]! - 0.5 * exact.data[i * columns + j]!);
  const got = matrixOf(rows, columns, (i, j) => to.data[i * stride + j]!);
  const outside = space.c.filter((value, at) => {
    const [i, j] = [Math.floor(at / stride) - 1, (at % stride) - 2];
    return value !== 0 && (i < 0 || j < 0 || i >= rows || j >= columns);
  });
  expect(outside).toHaveLength(0);
  return { expected, got };
}

describe('addProduct', () => {
  it.each([
    [1, 1, 1],
    [4, 4, 4],
    [3, 2, 5],
    [5, 7, 3],
    [6, 5, 1],
    [65, 3, 257],
    [63, 259, 66],
    [130, 300, 300],
  ])('is what plain loops give, and touches nothing else: (%d, %d), depth %d', (rows, columns, depth) => {
    for (const turn of [false, true]) {
      const { expected, got } = product(rows, columns, depth, { turn });
      expect(farthest(got, expected)).toBeLessThanOrEqual(depth * 1e-16);
    }
  });

  it.each([0, 1, 2])('leaves everything as it is where size %# is 0', (which) => {
    const sizes = [3, 4, 5];
    sizes[which] = 0;
    const { expected, got } = product(sizes[0]!, sizes[1]!, sizes[2]!);
    expect(got).toEqual(expected);
  });

  it.each([3, 64, 65, 130, 300])('gives the upper triangle of %d columns alone where that is enough', (n) => {
    const { expected, got } = product(n, n, 70, { upper: true });
    const upper = (of: typeof got) => matrixOf(n, n, (i, j) => (j >= i ? of.data[i * n + j]! : 0));
    expect(farthest(upper(got), upper(expected))).toBeLessThanOrEqual(1e-14);
  });
});

describe('products with a vector', () => {
  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 61])('are what plain loops give for %d numbers', (n) => {
    const [a, x] = [randomSymmetric(n, 5), randomMatrix(1, n, 6)];
    const space = openWorkspace({ a: n * n, x: n, y: n, dots: n, sum: n });
    space.x.set(x.data);
    // What lies below the diagonal is not read.
    space.a.set(a.data.map((value, at) => (at % n < Math.floor(at / n) ? NaN : value)));
    space.products.addSymmetricProduct(space.y, rowsOf(space.a, n), space.x, n);
    const expected = times(x, a);
    expect(farthest({ data: space.y.slice(), shape: [1, n] }, expected)).toBeLessThanOrEqual(1e-15 * (n + 1));
    space.a.set(a.data);
    space.products.dotRows(space.dots, rowsOf(space.a, n), space.x, n, n);
    expect(farthest({ data: space.dots.slice(), shape: [1, n] }, expected)).toBeLessThanOrEqual(1e-15 * (n + 1));
    space.products.addRows(space.sum, rowsOf(space.a, n), space.x, n, n, -2);
    const twice = matrixOf(1, n, (_, j) => -2 * expected.data[j]!);
    expect(farthest({ data: space.sum.slice(), shape: [1, n] }, twice)).toBeLessThanOrEqual(2e-15 * (n + 1));
  });
});

describe('a workspace', () => {
  it('of more than 4 GiB is refused in a sentence', () => {
    expect(() => openWorkspace({ a: 2 ** 29 })).toThrow(
      expect.objectContaining({
        code: 'OOD_DETECTOR_FAILED',
        message: expect.stringMatching(/^the matrices need 4\.0 GiB/),
      }),
    );
  });

  it('is freed with what refers to it: thousands can be opened', () => {
    for (let times = 0; times < 3000; times++) expect(openWorkspace({ a: 3 }).a).toHaveLength(3);
  });
});
