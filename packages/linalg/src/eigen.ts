import { checkedSymmetric, largest, type DenseMatrix, type Matrix } from './matrix.ts';
import { solveTridiagonal } from './divide-and-conquer.ts';
import { applyReflectors, tridiagonalise } from './tridiagonal.ts';

/** Eigenvalues, the largest first, and their eigenvectors: A = Σₖ λₖ·vₖ·vₖᵀ. */
export interface Eigen {
  /** λ, (k), descending. */
  readonly values: Float64Array;
  /**
   * (k, n): row i is the unit eigenvector of `values[i]`, with its sign chosen so that the first of its elements of largest magnitude is
   * positive.
   */
  readonly vectors: DenseMatrix;
}

/**
 * All eigenvalues and eigenvectors of a symmetric matrix A, (n, n), in float64.
 *
 * Householder's reduction to a tridiagonal matrix, divide and conquer, then the reflections applied to its eigenvectors.
 * ‖A·v − λ·v‖ ≤ n·ε·‖A‖, and the vectors are orthogonal to n·ε, ε = 2⁻⁵², whatever the spectrum. The same matrix gives the
 * same bits on every machine.
 *
 * @throws LinalgError OOD_SHAPE when A is not square or not symmetric; OOD_DETECTOR_FAILED when it contains NaN or ∞, or needs more memory
 *   than available: about 48 n² bytes at once, 13,377 rows at most.
 */
export function symmetricEigen(matrix: Matrix): Eigen {
  const n = checkedSymmetric('symmetricEigen', matrix);
  return leadingOf(matrix.data, n, () => n);
}

/** The largest eigenvalues and their vectors; `wanted` says how many once all eigenvalues are known. */
export function leadingOf(
  data: Float32Array | Float64Array,
  n: number,
  wanted: (values: Float64Array) => number,
): Eigen {
  const scale = binaryScale(data);
  const tridiagonal = tridiagonalise(
    Float64Array.from(data, (value) => value / scale),
    n,
  );
  const { values, vectors } = solveTridiagonal(tridiagonal.diagonal, tridiagonal.offDiagonal);
  const order = Array.from(values.keys()).sort((a, b) => values[b]! - values[a]! || a - b);
  const descending = Float64Array.from(order, (i) => values[i]! * scale);
  const count = wanted(descending);
  const chosen = new Float64Array(count * n);
  for (let k = 0; k < count; k++) chosen.set(vectors.subarray(order[k]! * n, (order[k]! + 1) * n), k * n);
  const turned = applyReflectors(tridiagonal, chosen, n);
  return { values: descending.slice(0, count), vectors: oriented(turned, count, n) };
}

/** A power of two to divide a matrix by, exactly, so that no square of its elements overflows or underflows. */
export function binaryScale(data: Float32Array | Float64Array): number {
  const most = largest(data);
  return most === 0 ? 1 : 2 ** Math.max(-1022, Math.floor(Math.log2(most)));
}

/** A vector and its negative are both eigenvectors; returns the one whose first element of largest magnitude is positive. */
export function oriented(data: Float64Array, count: number, n: number): DenseMatrix {
  const turned = data.slice(0, count * n);
  for (let k = 0; k < count; k++) {
    const row = turned.subarray(k * n, (k + 1) * n);
    let at = 0;
    for (let i = 1; i < n; i++) if (Math.abs(row[i]!) > Math.abs(row[at]!)) at = i;
    if (row[at]! < 0) for (let i = 0; i < n; i++) row[i] = -row[i]!;
  }
  return { data: turned, shape: [count, n] };
}
