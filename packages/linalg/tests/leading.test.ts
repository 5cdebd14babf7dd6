import { describe, expect, it } from '@jest/globals';
import { leadingEigenpairs, symmetricEigen, type DenseMatrix, type LeadingPairs } from '../src/index.ts';
import { faultsOf, randomSymmetric, rowsAre, squareOf, withSpectrum } from './parts/matrices.ts';

/** Large enough that pairs are sought one after the other, from the largest on. */
const n = 600;
const range = (value: (i: number) => number) => Array.from({ length: n }, (_, i) => value(i));

function expectLeading(matrix: DenseMatrix, spectrum: readonly number[], pairs: LeadingPairs, count: number): void {
  const expected = [...spectrum].sort((a, b) => b - a).slice(0, count);
  const most = Math.max(1e-300, ...spectrum.map(Math.abs));
  expect(pairs.values).toHaveLength(count);
  expect(pairs.vectors.shape).toEqual([count, spectrum.length]);
  expected.forEach((value, k) => expect(Math.abs(pairs.values[k]! - value)).toBeLessThanOrEqual(1e-12 * most));
  const { residual, skewness } = faultsOf(matrix, pairs);
  expect(residual).toBeLessThanOrEqual(1e-12);
  expect(skewness).toBeLessThanOrEqual(1e-13);
  expect(Math.max(...pairs.residuals)).toBeLessThanOrEqual(2 ** -40 * most);
}

describe('leadingEigenpairs of a large matrix whose eigenvalues are known', () => {
  it.each([
    ['falling slowly', range((i) => 1 / (i + 1)), 12],
    ['falling fast', range((i) => 0.8 ** i), 20],
    ['each value five times', range((i) => 1 / (1 + Math.floor(i / 5))), 12],
    ['the largest twenty times', range((i) => (i < 20 ? 3 : i < 40 ? 2 : 0)), 25],
    ['of rank 3', range((i) => (i < 3 ? i + 1 : 0)), 10],
    ['half of them below 0', range((i) => (i % 2 === 0 ? 1 : -1) * 0.9 ** i), 9],
    ['all below 0', range((i) => -1 - i), 3],
    ['all equal', range(() => 2), 2],
    ['numbers of 1e-200', range((i) => 1e-200 * 0.8 ** i), 5],
  ])('finds them: %s', (_, spectrum, count) => {
    const matrix = withSpectrum(spectrum, 21);
    expectLeading(matrix, spectrum, leadingEigenpairs(matrix, { count, seed: 1 }), count);
  });

  it('computes all where its space would grow too large: evenly spread', () => {
    const spectrum = range((i) => 1 + i);
    const matrix = withSpectrum(spectrum, 5);
    expectLeading(matrix, spectrum, leadingEigenpairs(matrix, { count: 30, seed: 1 }), 30);
    expectLeading(matrix, spectrum, leadingEigenpairs(matrix, { count: 300, seed: 1 }), 300);
  });

  it('of zeros finds zeros', () => {
    const matrix = squareOf(n, () => 0);
    expectLeading(
      matrix,
      range(() => 0),
      leadingEigenpairs(matrix, { count: 4, seed: 3 }),
      4,
    );
  });

  it('gives the same bits for the same seed, and for another one the same pairs to their last digits', () => {
    const matrix = withSpectrum(
      range((i) => 0.7 ** i),
      2,
    );
    const first = leadingEigenpairs(matrix, { count: 8, seed: 1 });
    expect(leadingEigenpairs(matrix, { count: 8, seed: 1 })).toEqual(first);
    const second = leadingEigenpairs(matrix, { count: 8, seed: 2 });
    expect(second).not.toEqual(first);
    second.vectors.data.forEach((value, at) =>
      expect(Math.abs(value - first.vectors.data[at]!)).toBeLessThanOrEqual(1e-10),
    );
  });
});

describe('leadingEigenpairs', () => {
  // ½ + ¼ + ⅛ + … is 1, so the first three are ⅞ of it.
  const halves = (count: number) =>
    withSpectrum(
      Array.from({ length: count }, (_, i) => 2 ** -(i + 1)),
      8,
    );

  it.each([50, 600])('takes the fewest pairs that are more than a share of the trace: %d rows', (rows) => {
    const matrix = halves(rows);
    for (const [share, count] of [
      [0.4, 1],
      [0.6, 2],
      [0.87, 3],
      [0.88, 4],
    ] as const)
      expect(leadingEigenpairs(matrix, { share, seed: 0 }).values).toHaveLength(count);
  });

  it('is the beginning of symmetricEigen for a small matrix, with residuals', () => {
    const matrix = randomSymmetric(70, 6);
    const all = symmetricEigen(matrix);
    const { values, vectors, residuals } = leadingEigenpairs(matrix, { count: 70, seed: 1 });
    expect({ values, vectors }).toEqual(all);
    expect(residuals).toHaveLength(70);
    expect(Math.max(...residuals)).toBeLessThanOrEqual(70 * 2 ** -52 * values[0]!);
    expect(leadingEigenpairs(matrix, { count: 2, seed: 1 }).values).toEqual(all.values.slice(0, 2));
  });

  it.each([
    ['no pairs', { count: 0 }, 'OOD_SHAPE', 'no 0 pairs of a matrix (2, 2)'],
    ['more pairs than there are', { count: 3 }, 'OOD_SHAPE', 'no 3 pairs'],
    ['half a pair', { count: 0.5 }, 'OOD_SHAPE', 'no 0.5 pairs'],
    ['a share of all', { share: 1 }, 'OOD_DETECTOR_FAILED', 'a share of 1 is not within 0 and 1'],
    ['a share of NaN', { share: NaN }, 'OOD_DETECTOR_FAILED', 'a share of NaN'],
    ['a share of nothing', { share: 0.5 }, 'OOD_DETECTOR_FAILED', 'no share of a trace of -1'],
  ])('refuses %s', (_, wanted, code, message) => {
    const matrix = rowsAre([
      [1, 0],
      [0, -2],
    ]);
    const refusal = { code, message: expect.stringContaining(`leadingEigenpairs: ${message}`) };
    expect(() => leadingEigenpairs(matrix, { ...wanted, seed: 0 })).toThrow(expect.objectContaining(refusal));
  });
});
