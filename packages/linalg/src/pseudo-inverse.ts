import { oriented, symmetricEigen, type Eigen } from './eigen.ts';
import { checkedMatrix, checkedSymmetric, LinalgError, mirrored, type DenseMatrix, type Matrix } from './matrix.ts';
import { openWorkspace, rowsOf, transposed } from './products.ts';

/** A matrix A⁺ with A·A⁺·A = A, A⁺·A·A⁺ = A⁺, and both products symmetric. */
export interface PseudoInverse {
  /** A⁺, (n, n), symmetric to the last bit. */
  readonly inverse: DenseMatrix;
  /** The number of eigenvalues not treated as 0. */
  readonly rank: number;
}

/**
 * The Moore–Penrose inverse of a symmetric matrix A, (n, n), in float64: Σ vₖ·vₖᵀ / λₖ over the eigenvalues with
 * |λₖ| > cutoff · max |λ|.
 *
 * The default cut-off is n·ε, ε = 2⁻⁵², as in `scipy.linalg.pinvh`, which scikit-learn's covariance estimators call. For float32 input
 * scikit-learn uses float32's ε, 2⁻²³; pass `n * 2 ** -23` to match.
 *
 * @throws LinalgError OOD_SHAPE when A is not square or not symmetric; OOD_DETECTOR_FAILED when it contains NaN or ∞, or the cut-off is
 *   outside 0..1.
 */
export function pseudoInverse(matrix: Matrix, { cutoff }: { readonly cutoff?: number } = {}): PseudoInverse {
  const n = checkedSymmetric('pseudoInverse', matrix);
  const relative = cutoff ?? n * epsilon;
  if (!(relative >= 0 && relative <= 1))
    throw new LinalgError(`pseudoInverse: a cut-off of ${relative} is not between 0 and 1`);
  const { values, vectors } = symmetricEigen(matrix);
  const limit = relative * Math.max(0, ...[values[0], values.at(-1)].map((value) => Math.abs(value ?? 0)));
  const kept = Array.from(values.keys()).filter((k) => Math.abs(values[k]!) > limit);
  const space = openWorkspace({ v: kept.length * n, scaled: kept.length * n, inverse: n * n });
  kept.forEach((from, to) => {
    const row = vectors.data.subarray(from * n, (from + 1) * n);
    space.v.set(row, to * n);
    space.scaled.set(row, to * n);
    for (let j = to * n; j < (to + 1) * n; j++) space.scaled[j]! /= values[from]!;
  });
  const size = { rows: n, columns: n, depth: kept.length, upper: true };
  space.products.addProduct(rowsOf(space.inverse, n), transposed(rowsOf(space.v, n)), rowsOf(space.scaled, n), size, 1);
  return { inverse: { data: mirrored(space.inverse, n), shape: [n, n] }, rank: kept.length };
}

const epsilon = 2 ** -52;

/**
 * The positive eigenvalues of Xᵀ·X, (D, D), and their eigenvectors, from the rows of X, (N, D), in float64: the squared singular values of
 * X, the largest first, and its right singular vectors.
 *
 * With fewer rows than columns, the smaller X·Xᵀ, (N, N), is decomposed instead (the dual): X·Xᵀ·u = λ·u gives v = Xᵀ·u / √λ. These v are
 * then orthogonalised to rounding, those of the largest values first.
 *
 * Values up to max(N, D)·ε·λ₁, ε = 2⁻⁵², are treated as 0: because X is squared, smaller ones cannot be distinguished from rounding. The
 * number of values is X's rank to that accuracy.
 *
 * @throws LinalgError OOD_SHAPE when X is not a matrix; OOD_DETECTOR_FAILED when it contains NaN or ∞, or needs too much memory.
 */
export function gramEigen(rows: Matrix): Eigen {
  const [count, width] = checkedMatrix('gramEigen', rows);
  const isDual = count < width;
  const n = Math.min(count, width);
  const space = openWorkspace({ x: count * width, gram: n * n });
  space.x.set(rows.data);
  const x = rowsOf(space.x, width);
  const [left, right] = isDual ? [x, transposed(x)] : [transposed(x), x];
  const size = { rows: n, columns: n, depth: Math.max(count, width), upper: true };
  space.products.addProduct(rowsOf(space.gram, n), left, right, size, 1);
  const { values, vectors } = symmetricEigen({ data: mirrored(space.gram, n), shape: [n, n] });
  const limit = Math.max(count, width) * epsilon * Math.max(0, values[0] ?? 0);
  const rank = values.findIndex((value) => !(value > limit));
  const kept = { values: values.slice(0, rank < 0 ? n : rank), vectors: vectors.data };
  return isDual ? ofColumns(rows, kept) : { values: kept.values, vectors: firstRows(kept, width) };
}

const firstRows = ({ values, vectors }: Kept, width: number): DenseMatrix => ({
  data: vectors.slice(0, values.length * width),
  shape: [values.length, width],
});

interface Kept {
  readonly values: Float64Array;
  readonly vectors: Float64Array;
}

/** Xᵀ·u / √λ for each eigenvector u of X·Xᵀ. */
function ofColumns({ data, shape }: Matrix, { values, vectors }: Kept): Eigen {
  const [count, width] = shape as readonly [number, number];
  const rank = values.length;
  const space = openWorkspace({ x: count * width, u: rank * count, v: rank * width, overlaps: rank });
  space.x.set(data);
  space.u.set(vectors.subarray(0, rank * count));
  const [v, size] = [rowsOf(space.v, width), { rows: rank, columns: width, depth: count }];
  space.products.addProduct(v, rowsOf(space.u, count), rowsOf(space.x, width), size, 1);
  for (let k = 0; k < rank; k++) {
    const row = space.v.subarray(k * width, (k + 1) * width);
    normalise(row);
    for (let pass = 0; pass < 2; pass++) {
      space.products.dotRows(space.overlaps, v, row, k, width);
      space.products.addRows(row, v, space.overlaps, k, width, -1);
      normalise(row);
    }
  }
  return { values, vectors: oriented(space.v, rank, width) };
}

function normalise(row: Float64Array): void {
  let square = 0;
  for (const value of row) square += value * value;
  const scale = 1 / Math.sqrt(square);
  for (let i = 0; i < row.length; i++) row[i]! *= scale;
}
