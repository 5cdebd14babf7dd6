import { describe, expect, it } from '@jest/globals';
import { cholesky, type LinalgError } from '../src/index.ts';
import {
  farthest,
  hilbert,
  identity,
  matrixOf,
  randomMatrix,
  rowsAre,
  size,
  squareOf,
  times,
  turned,
  withSpectrum,
} from './parts/matrices.ts';

const positive = rowsAre([
  [4, 2, -1, 0],
  [2, 5, 3, 1],
  [-1, 3, 6, 2],
  [0, 1, 2, 3],
]);

describe('cholesky gives what numpy gives', () => {
  const factored = cholesky(positive);

  it('for the factor, as numpy.linalg.cholesky', () => {
    const expected = rowsAre([
      [2, 0, 0, 0],
      [1, 2, 0, 0],
      [-0.5, 1.75, 1.6393596310755, 0],
      [0, 0.5, 0.686243566496721, 1.5096588248481377],
    ]);
    expect(farthest(factored.factor, expected)).toBeLessThanOrEqual(1e-15);
  });

  it('for the inverse, as numpy.linalg.inv', () => {
    const expected = rowsAre([
      [0.5, -0.35714285714285715, 0.28571428571428575, -0.07142857142857144],
      [-0.3571428571428572, 0.5408163265306123, -0.34693877551020413, 0.05102040816326532],
      [0.28571428571428575, -0.3469387755102041, 0.44897959183673475, -0.1836734693877551],
      [-0.07142857142857142, 0.05102040816326529, -0.18367346938775508, 0.4387755102040816],
    ]);
    const inverse = factored.inverse();
    expect(farthest(inverse, expected)).toBeLessThanOrEqual(1e-15);
    expect(inverse).toEqual(turned(inverse));
  });

  it('for solutions, as numpy.linalg.solve, and for the determinant, as slogdet', () => {
    const solved = factored.solve(
      rowsAre([
        [1, -2, 3, 0.5],
        [0, 0, 0, 0],
      ]),
    );
    const expected = [2.0357142857142856, -2.454081632653061, 2.2346938775510203, -0.5051020408163265];
    expect(farthest(solved, rowsAre([expected, [0, 0, 0, 0]]))).toBeLessThanOrEqual(2e-15);
    expect(factored.logDeterminant).toBeCloseTo(4.584967478670572, 14);
    expect(cholesky(hilbert(6)).logDeterminant).toBeCloseTo(-39.76620670644799, 9);
  });
});

const epsilon = 2 ** -52;
const range = (n: number, value: (i: number) => number) => Array.from({ length: n }, (_, i) => value(i));

describe('cholesky', () => {
  it.each([
    ['1 × 1', rowsAre([[2]]), 1],
    [
      '65 rows',
      withSpectrum(
        range(65, (i) => 1 + i),
        1,
      ),
      65,
    ],
    [
      '130 rows',
      withSpectrum(
        range(130, (i) => 1 + (i % 3)),
        1,
      ),
      3,
    ],
    ['a diagonal', squareOf(70, (i, j) => (i === j ? 1 + i : 0)), 70],
    ['Hilbert of ten rows', hilbert(10), 1.6e13],
    [
      'a spectrum falling to 1e-12',
      withSpectrum(
        range(100, (i) => 10 ** ((-12 * i) / 99)),
        2,
      ),
      1e12,
    ],
    ['numbers of 1e-200', squareOf(5, (i, j) => 1e-200 * (i === j ? 2 : 1)), 6],
  ])('multiplies back to the matrix, and solves to rounding times its condition: %s', (_, matrix, condition) => {
    const [n] = matrix.shape;
    const factored = cholesky(matrix);
    const { factor } = factored;
    expect(farthest(times(factor, turned(factor)), matrix)).toBeLessThanOrEqual(n * epsilon * size(matrix));
    expect(factor.data.every((value, at) => at % n <= Math.floor(at / n) || value === 0)).toBe(true);
    const rows = randomMatrix(3, n, 5);
    const solved = factored.solve(rows);
    // What is left of b is rounding of A·x, however large x is.
    const allowed = 4 * n * epsilon * size(matrix) * size(solved);
    expect(farthest(times(solved, matrix), rows)).toBeLessThanOrEqual(allowed * n);
    expect(farthest(times(factored.inverse(), matrix), identity(n))).toBeLessThanOrEqual(4 * n * epsilon * condition);
  });

  it('of no rows is of determinant 1', () => {
    const factored = cholesky({ data: new Float64Array(0), shape: [0, 0] });
    expect(factored.logDeterminant).toBe(0);
    expect(factored.inverse().shape).toEqual([0, 0]);
  });

  it.each([
    [
      'is negative',
      rowsAre([
        [1, 0],
        [0, -2],
      ]),
      'pivot 1 is -2 where the diagonal is -2',
    ],
    ['is 0', rowsAre([[0]]), 'pivot 0 is 0 where the diagonal is 0'],
    [
      'is negative behind the first',
      rowsAre([
        [1, 2],
        [2, 1],
      ]),
      'pivot 1 is -3 where the diagonal is 1',
    ],
    ['is rounding', squareOf(80, () => 1), 'pivot 1 is 0 where the diagonal is 1'],
    [
      'is rounding in a later block',
      withSpectrum(
        range(100, (i) => +(i < 90)),
        3,
      ),
      'pivot 90 is ',
    ],
  ])('refuses a matrix whose pivot %s', (_, matrix, message) => {
    const refusal: Partial<LinalgError> = {
      code: 'OOD_DETECTOR_FAILED',
      fix: expect.stringContaining('pseudoInverse') as never,
    };
    expect(() => cholesky(matrix)).toThrow(expect.objectContaining(refusal));
    expect(() => cholesky(matrix)).toThrow(`not positive definite: ${message}`);
  });

  it('refuses rows of another width, and NaN', () => {
    expect(() => cholesky(positive).solve(rowsAre([[1, 2]]))).toThrow('solve: rows of 2 numbers for a matrix (4, 4)');
    expect(() => cholesky(matrixOf(2, 2, () => NaN))).toThrow('cholesky: NaN at [0, 0]');
  });
});
