import { describe, expect, it } from '@jest/globals';
import { gramEigen, pseudoInverse, symmetricEigen, type DenseMatrix } from '../src/index.ts';
import {
  farthest,
  faultsOf,
  hilbert,
  identity,
  randomMatrix,
  rowsAre,
  size,
  squareOf,
  times,
  turned,
  withSpectrum,
} from './parts/matrices.ts';

const range = (n: number, value: (i: number) => number) => Array.from({ length: n }, (_, i) => value(i));
const epsilon = 2 ** -52;

describe('pseudoInverse', () => {
  it('is that of scipy.linalg.pinvh for a matrix of rank 2', () => {
    const { inverse, rank } = pseudoInverse(
      rowsAre([
        [1, 2, 3],
        [2, 4, 6],
        [3, 6, 10],
      ]),
    );
    expect(rank).toBe(2);
    expect(
      farthest(
        inverse,
        rowsAre([
          [0.4, 0.8, -0.6],
          [0.8, 1.6, -1.2],
          [-0.6, -1.2, 1],
        ]),
      ),
    ).toBeLessThanOrEqual(2e-14);
  });

  it('keeps an eigenvalue of 1e-7 that scipy.linalg.pinvh drops of float32, and drops it where the cut-off says so', () => {
    const matrix = rowsAre([
      [1, 0],
      [0, 1e-7],
    ]);
    expect(
      farthest(
        pseudoInverse(matrix).inverse,
        rowsAre([
          [1, 0],
          [0, 1e7],
        ]),
      ),
    ).toBeLessThanOrEqual(1e-8);
    expect(pseudoInverse(matrix, { cutoff: 2 * 2 ** -23 })).toEqual({
      inverse: rowsAre([
        [1, 0],
        [0, 0],
      ]),
      rank: 1,
    });
  });

  it.each([
    [
      'regular',
      withSpectrum(
        range(60, (i) => 1 + i),
        1,
      ),
      60,
      60,
    ],
    [
      'of rank 9',
      withSpectrum(
        range(60, (i) => (i < 9 ? 1 + i : 0)),
        2,
      ),
      9,
      9,
    ],
    [
      'of either sign',
      withSpectrum(
        range(60, (i) => (i % 3) - 1),
        3,
      ),
      40,
      1,
    ],
    [
      'ill-conditioned',
      withSpectrum(
        range(60, (i) => 10 ** ((-10 * i) / 59)),
        4,
      ),
      60,
      1e10,
    ],
    ['Hilbert of eight rows', hilbert(8), 8, 1.6e10],
    ['zero', squareOf(5, () => 0), 0, 1],
    ['1 × 1', rowsAre([[-4]]), 1, 1],
    ['of no rows', rowsAre([]), 0, 1],
  ])("fulfils Moore's and Penrose's conditions: %s", (_, matrix, expectedRank, condition) => {
    const { inverse, rank } = pseudoInverse(matrix);
    expect(rank).toBe(expectedRank);
    expect(inverse).toEqual(turned(inverse));
    const [n] = matrix.shape;
    const allowed = 8 * n * epsilon * condition;
    const product = times(matrix, inverse);
    expect(farthest(times(product, matrix), matrix)).toBeLessThanOrEqual(allowed * size(matrix));
    expect(farthest(times(inverse, product), inverse)).toBeLessThanOrEqual(allowed * size(inverse));
    expect(farthest(product, turned(product))).toBeLessThanOrEqual(allowed);
  });

  it('refuses a cut-off that is none', () => {
    for (const cutoff of [-1, 2, NaN])
      expect(() => pseudoInverse(identity(2), { cutoff })).toThrow(`cut-off of ${cutoff}`);
  });
});

/** XᵀX in plain loops. */
const gramOf = (x: DenseMatrix) => times(turned(x), x);
/** (rows, columns) of a rank: a product of two random matrices. */
const ofRank = (rows: number, columns: number, rank: number) =>
  times(randomMatrix(rows, rank, rows + 1), randomMatrix(rank, columns, columns + 2));

describe('gramEigen', () => {
  it('gives the squares of the singular values and the right vectors of numpy.linalg.svd', () => {
    const { values, vectors } = gramEigen(
      rowsAre([
        [1, 2, 0, -1, 3],
        [0, 1, 1, 2, -2],
        [4, 0, 1, 1, 1],
      ]),
    );
    const squares = [23.945942475724397, 15.389361619944243, 4.664695904331369];
    squares.forEach((square, k) => expect(values[k]).toBeCloseTo(square, 13));
    const expected = rowsAre([
      [0.7307346161718502, 0.21665865254249847, 0.10420363084208788, -0.07265595093991098, 0.6347823761880848],
      [0.49938943062217334, -0.07797582610238339, 0.3176865758468231, 0.600797475469324, -0.5316461230206796],
      [-0.2837454191009583, 0.9004738443574349, 0.20012322098904667, 0.2613780405556165, 0.016358762289336883],
    ]);
    expect(farthest(vectors, expected)).toBeLessThanOrEqual(1e-14);
  });

  it.each([
    ['fewer rows than columns', randomMatrix(40, 130, 1), 40],
    ['more rows than columns', randomMatrix(130, 40, 1), 40],
    ['as many', randomMatrix(50, 50, 1), 50],
    ['few rows of rank 6', ofRank(40, 130, 6), 6],
    ['many rows of rank 6', ofRank(130, 40, 6), 6],
    ['one row', randomMatrix(1, 90, 1), 1],
    ['one column', randomMatrix(90, 1, 1), 1],
    ['zero', { data: new Float64Array(12), shape: [3, 4] } satisfies DenseMatrix, 0],
    ['no rows', { data: new Float64Array(0), shape: [0, 4] } satisfies DenseMatrix, 0],
  ])('gives orthogonal eigenvectors of Xᵀ·X with residuals of rounding, and the rank: %s', (_, x, rank) => {
    const pairs = gramEigen(x);
    expect(pairs.vectors.shape).toEqual([rank, x.shape[1]]);
    const { residual, skewness } = faultsOf(gramOf(x), pairs);
    const allowed = 2 * Math.max(...x.shape) * epsilon;
    expect(residual).toBeLessThanOrEqual(allowed);
    expect(skewness).toBeLessThanOrEqual(allowed);
    const direct = symmetricEigen(gramOf(x)).values;
    pairs.values.forEach((value, k) => expect(Math.abs(value - direct[k]!)).toBeLessThanOrEqual(allowed * direct[0]!));
  });

  it('keeps vectors orthogonal where values fall by 1e-12', () => {
    const { data } = randomMatrix(30, 80, 2);
    const falling = Float64Array.from(data, (value, at) => value * 10 ** ((-6 * Math.floor(at / 80)) / 29));
    const pairs = gramEigen({ data: falling, shape: [30, 80] });
    expect(pairs.values).toHaveLength(30);
    const { residual, skewness } = faultsOf(gramOf({ data: falling, shape: [30, 80] }), pairs);
    expect(residual).toBeLessThanOrEqual(80 * epsilon);
    expect(skewness).toBeLessThanOrEqual(80 * epsilon);
  });

  it('refuses NaN and what is no matrix', () => {
    expect(() => gramEigen({ data: Float32Array.of(1, NaN), shape: [1, 2] })).toThrow('gramEigen: NaN at [0, 1]');
    expect(() => gramEigen({ data: Float32Array.of(1, 2), shape: [2] })).toThrow(
      'shape (2) is not the shape of a matrix',
    );
  });
});
