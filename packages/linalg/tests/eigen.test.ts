import { describe, expect, it } from '@jest/globals';
import { symmetricEigen, type DenseMatrix } from '../src/index.ts';
import { faultsOf, hilbert, randomSymmetric, rowsAre, squareOf, withSpectrum } from './parts/matrices.ts';

const epsilon = 2 ** -52;
const near = (got: ArrayLike<number>, expected: readonly number[], allowed: number) => {
  expect(got).toHaveLength(expected.length);
  expected.forEach((value, at) => expect(Math.abs(got[at]! - value)).toBeLessThanOrEqual(allowed));
};
const wilkinson = (n: number) =>
  squareOf(n, (i, j) => (i === j ? Math.abs(i - (n - 1) / 2) : +(Math.abs(i - j) === 1)));
const range = (n: number, value: (i: number) => number) => Array.from({ length: n }, (_, i) => value(i));

describe('symmetricEigen gives what numpy.linalg.eigh gives', () => {
  it('of four rows, vectors too', () => {
    const matrix = rowsAre([
      [4, 1, -2, 2],
      [1, 2, 0, 1],
      [-2, 0, 3, -2],
      [2, 1, -2, -1],
    ]);
    const { values, vectors } = symmetricEigen(matrix);
    near(values, [6.844621107234965, 2.2685314064312423, 1.0843644637732166, -2.1975169774394243], 1e-14);
    expect(vectors.shape).toEqual([4, 4]);
    near(
      vectors.data,
      [
        ...[0.7180459594506796, 0.2211529881551807, -0.5573513771375096, 0.3533564748939929],
        ...[0.20171109662094233, 0.7894499124874397, 0.5796341693167879, 0.010280998686330534],
        ...[0.6422600067660328, -0.5441878481946866, 0.5202218509386148, -0.14398227457619123],
        ...[-0.17670517062447652, -0.17810046990630068, 0.2876680343197011, 0.9242849167461131],
      ],
      1e-14,
    );
  });

  it('of the Hilbert matrix of six rows', () => {
    const expected = [
      ...[1.6188998589243386, 0.24236087057520933, 0.016321521319875656],
      ...[0.0006157483541825885, 1.2570757122618823e-5, 1.0827994845354796e-7],
    ];
    near(symmetricEigen(hilbert(6)).values, expected, 1e-15);
  });

  it("of Wilkinson's matrix of 21 rows, whose largest two differ in the last digits", () => {
    const { values } = symmetricEigen(wilkinson(21));
    const largest = [10.746194182903393, 10.746194182903322, 9.210678647361332, 9.210678647304919, 8.038941122829023];
    near(values.slice(0, 5), largest, 1e-14);
    near(values.slice(-2), [0.25380581709667793, -1.1254415221199854], 1e-14);
  });
});

const spectra: readonly [string, readonly number[]][] = [
  ['well-conditioned', range(150, (i) => 1 + i / 150)],
  ['falling to 1e-12', range(150, (i) => 10 ** ((-12 * i) / 149))],
  ['falling to 1e-300', range(70, (i) => 10 ** ((-300 * i) / 69))],
  ['of rank 7', range(150, (i) => (i < 7 ? i + 1 : 0))],
  ['of three values', range(151, (i) => [2, 1, -3][i % 3]!)],
  ['in clusters of a width of 1e-13', range(150, (i) => (i % 4) + 1e-13 * i)],
  ['of either sign', range(97, (i) => (i - 48) ** 3)],
];

describe('symmetricEigen of a matrix whose eigenvalues are known', () => {
  it.each(spectra)('finds them, and vectors that are orthogonal: %s', (_, spectrum) => {
    const matrix = withSpectrum(spectrum, 11);
    const n = spectrum.length;
    const pairs = symmetricEigen(matrix);
    const { residual, skewness } = faultsOf(matrix, pairs);
    expect(residual).toBeLessThanOrEqual(n * epsilon);
    expect(skewness).toBeLessThanOrEqual(n * epsilon);
    const most = Math.max(...spectrum.map(Math.abs));
    near(
      pairs.values,
      [...spectrum].sort((a, b) => b - a),
      n * epsilon * most,
    );
  });
});

const glued = (blocks: number) =>
  squareOf(blocks * 21, (i, j) => {
    if (Math.abs(i - j) !== 1) return i === j ? Math.abs((i % 21) - 10) : 0;
    return Math.max(i, j) % 21 === 0 ? 1e-11 : 1;
  });
const scaled = (by: number) => {
  const { data } = randomSymmetric(60, 4);
  return squareOf(60, (i, j) => by * data[i * 60 + j]!);
};
const odd: readonly [string, DenseMatrix][] = [
  ['1 × 1', rowsAre([[-3]])],
  [
    '2 × 2',
    rowsAre([
      [1, 2],
      [2, 1],
    ]),
  ],
  ['3 × 3', randomSymmetric(3, 1)],
  ['32 rows', randomSymmetric(32, 1)],
  ['33 rows', randomSymmetric(33, 1)],
  ['64 rows', randomSymmetric(64, 1)],
  ['65 rows', randomSymmetric(65, 1)],
  ['257 rows', randomSymmetric(257, 1)],
  ['Hilbert of 40', hilbert(40)],
  ['diagonal', squareOf(90, (i, j) => (i === j ? (i * 7) % 5 : 0))],
  ['zero', squareOf(50, () => 0)],
  ['ones', squareOf(100, () => 1)],
  ['identity with noise of 1e-14', squareOf(80, (i, j) => +(i === j) + 1e-14 * Math.cos(i * j))],
  ['tridiagonal', squareOf(200, (i, j) => (i === j ? 2 : -Number(Math.abs(i - j) === 1)))],
  ["Wilkinson's of 201", wilkinson(201)],
  ["Wilkinson's, glued twelve times", glued(12)],
  ['numbers of 1e-200', scaled(1e-200)],
  ['numbers of 1e+200', scaled(1e200)],
];

describe('symmetricEigen', () => {
  it.each(odd)('gives orthogonal vectors with residuals of rounding: %s', (_, matrix) => {
    const [n] = matrix.shape;
    const pairs = symmetricEigen(matrix);
    const { residual, skewness } = faultsOf(matrix, pairs);
    expect(residual).toBeLessThanOrEqual(n * epsilon);
    expect(skewness).toBeLessThanOrEqual(n * epsilon);
    expect([...pairs.values]).toEqual([...pairs.values].sort((a, b) => b - a));
  });

  it('of no rows has no pairs', () => {
    const { values, vectors } = symmetricEigen({ data: new Float64Array(0), shape: [0, 0] });
    expect([values.length, vectors]).toEqual([0, { data: new Float64Array(0), shape: [0, 0] }]);
  });

  it('turns each vector so that its first number of the largest size is positive', () => {
    const { vectors } = symmetricEigen(randomSymmetric(40, 9));
    for (let k = 0; k < 40; k++) {
      const row = vectors.data.subarray(k * 40, (k + 1) * 40);
      const largest = Math.max(...row.map(Math.abs));
      expect(row.find((value) => Math.abs(value) === largest)).toBeGreaterThan(0);
    }
  });

  it('gives the same bits again, leaves its input alone and takes float32', () => {
    const matrix = randomSymmetric(130, 3);
    const rounded = Float32Array.from(matrix.data);
    const [input, shape] = [Float64Array.from(rounded), [130, 130]];
    const first = symmetricEigen({ data: input, shape });
    expect(input).toEqual(Float64Array.from(rounded));
    expect(symmetricEigen({ data: rounded, shape })).toEqual(first);
  });

  it.each([
    ['a vector', { data: new Float64Array(4), shape: [4] }, 'OOD_SHAPE', 'shape (4) is not the shape of a matrix'],
    ['no square', { data: new Float64Array(6), shape: [2, 3] }, 'OOD_SHAPE', 'the matrix (2, 3) is not square'],
    [
      'too few numbers',
      { data: new Float64Array(3), shape: [2, 2] },
      'OOD_SHAPE',
      '3 numbers do not fill the shape (2, 2)',
    ],
    [
      'whole numbers',
      { data: new Int32Array(4) as never, shape: [2, 2] },
      'OOD_SHAPE',
      'neither a Float32Array nor a Float64Array',
    ],
    [
      'no symmetry',
      rowsAre([
        [1, 2],
        [2.1, 1],
      ]),
      'OOD_SHAPE',
      'not symmetric: 2 at [0, 1], 2.1 at [1, 0]',
    ],
    [
      'NaN',
      rowsAre([
        [1, 0],
        [NaN, 1],
      ]),
      'OOD_DETECTOR_FAILED',
      'NaN at [1, 0]',
    ],
    [
      '∞',
      rowsAre([
        [1, 0],
        [0, -Infinity],
      ]),
      'OOD_DETECTOR_FAILED',
      '-Infinity at [1, 1]',
    ],
  ])('refuses %s', (_, matrix, code, message) => {
    const refusal = { name: 'LinalgError', code, message: expect.stringContaining(`symmetricEigen: `) };
    expect(() => symmetricEigen(matrix)).toThrow(expect.objectContaining(refusal));
    expect(() => symmetricEigen(matrix)).toThrow(message);
  });
});
