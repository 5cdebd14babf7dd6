import {
  checkedMatrix,
  checkedSymmetric,
  LinalgError,
  mirrored,
  misfit,
  type DenseMatrix,
  type Matrix,
} from './matrix.ts';
import { openWorkspace, partFrom, rowsOf, transposed, type Workspace } from './products.ts';

/**
 * A symmetric positive definite matrix A, (n, n), as L·Lᵀ, in float64. The upper triangle of A is read.
 *
 * ‖L·Lᵀ − A‖ ≤ n·ε·‖A‖, ε = 2⁻⁵². The same matrix gives the same bits on every machine.
 *
 * @throws LinalgError OOD_DETECTOR_FAILED when A is not positive definite, with the failing pivot, or when A contains NaN or ∞. A pivot (a
 *   diagonal element after subtracting the rows above) must exceed n·ε times that element, so singular matrices are rejected too. OOD_SHAPE
 *   when A is not square or not symmetric.
 */
export function cholesky(matrix: Matrix): Cholesky {
  const n = checkedSymmetric('cholesky', matrix);
  const { u, refused } = factored(matrix.data, n);
  if (refused) throw notPositiveDefinite(n, refused);
  return new Cholesky(u, n);
}

/** A diagonal element after subtracting the rows above (the pivot), and the element itself. */
interface Pivot {
  readonly at: number;
  readonly pivot: number;
  readonly whole: number;
}

/** U = Lᵀ, (n, n), with zeros below its diagonal; or the first pivot that is not above 0, if there is one. */
export function factored(
  data: Float32Array | Float64Array,
  n: number,
): { u: Float64Array; refused: Pivot | undefined } {
  const space = openWorkspace({ u: n * n, column: block });
  space.u.set(data);
  for (let from = 0; from < n; from += block) {
    const next = Math.min(n, from + block);
    for (let at = from; at < next; at++) {
      const whole = data[at * n + at]!;
      const pivot = factorRow(space, n, from, at, n * epsilon * whole);
      if (pivot !== undefined) return { u: space.u, refused: { at, pivot, whole } };
    }
    const done = partFrom(rowsOf(space.u, n), from, next);
    const size = { rows: n - next, columns: n - next, depth: next - from, upper: true };
    space.products.addProduct(partFrom(rowsOf(space.u, n), next, next), transposed(done), done, size, -1);
  }
  for (let i = 1; i < n; i++) space.u.fill(0, i * n, i * n + i);
  return { u: space.u, refused: undefined };
}

/** Rows that are factored one by one before the remaining rows are updated. */
const block = 64;
const epsilon = 2 ** -52;

/**
 * Row j of U, from the diagonal on: subtracts the earlier rows of its block and divides by the square root of the pivot, its first element
 * after the subtraction. Returns the pivot if it is no more than rounding.
 */
function factorRow({ u, column, products }: Factoring, n: number, from: number, j: number, rounding: number) {
  for (let k = from; k < j; k++) column[k - from] = u[k * n + j]!;
  const row = u.subarray(j * n + j, (j + 1) * n);
  products.addRows(row, partFrom(rowsOf(u, n), from, j), column, j - from, row.length, -1);
  const pivot = row[0]!;
  if (!(pivot > rounding && pivot > 0)) return pivot;
  const scale = 1 / Math.sqrt(pivot);
  for (let i = 0; i < row.length; i++) row[i]! *= scale;
  return undefined;
}

type Factoring = Workspace<'u' | 'column'>;

const notPositiveDefinite = (n: number, { at, pivot, whole }: Pivot) =>
  new LinalgError(
    `cholesky: the matrix (${n}, ${n}) is not positive definite: pivot ${at} is ${pivot} where the diagonal is ${whole}`,
    {
      fix: 'Use pseudoInverse, or add a small multiple of the identity: fewer rows than columns give a singular covariance.',
    },
  );

/** A factored matrix A = L·Lᵀ, made by `cholesky`. */
export class Cholesky {
  readonly #u: Float64Array;
  readonly #n: number;

  /** @internal */
  constructor(u: Float64Array, n: number) {
    this.#u = u;
    this.#n = n;
  }

  /** L, (n, n), lower triangular with a positive diagonal. */
  get factor(): DenseMatrix {
    const n = this.#n;
    const data = new Float64Array(n * n);
    for (let i = 0; i < n; i++) for (let j = i; j < n; j++) data[j * n + i] = this.#u[i * n + j]!;
    return { data, shape: [n, n] };
  }

  /** log det A = 2·Σ log Lᵢᵢ; 0 for n = 0. */
  get logDeterminant(): number {
    let sum = 0;
    for (let i = 0; i < this.#n; i++) sum += Math.log(this.#u[i * this.#n + i]!);
    return 2 * sum;
  }

  /** A⁻¹·b for each row b of a matrix, (rows, n): the rows of B·A⁻¹. */
  solve(rows: Matrix): DenseMatrix {
    const [count, columns] = checkedMatrix('solve', rows);
    const n = this.#n;
    if (columns !== n) throw misfit(`solve: rows of ${columns} numbers for a matrix (${n}, ${n})`);
    const space = openWorkspace({ u: n * n, x: count * n });
    space.u.set(this.#u);
    space.x.set(rows.data);
    for (let from = 0; from < n; from += block) solveForward(space, n, count, from);
    for (let from = Math.floor((n - 1) / block) * block; from >= 0; from -= block) solveBack(space, n, count, from);
    return { data: space.x.slice(), shape: [count, n] };
  }

  /** A⁻¹, (n, n), symmetric to the last bit. */
  inverse(): DenseMatrix {
    const n = this.#n;
    const data = new Float64Array(n * n);
    for (let i = 0; i < n; i++) data[i * n + i] = 1;
    return { data: mirrored(this.solve({ data, shape: [n, n] }).data, n), shape: [n, n] };
  }
}

type Solution = Workspace<'u' | 'x'>;

/** Y·U = B for the columns of one block: subtracts the contribution of the earlier columns, then solves one by one. */
function solveForward({ u, x, products }: Solution, n: number, count: number, from: number): void {
  const to = Math.min(n, from + block);
  const size = { rows: count, columns: to - from, depth: from };
  products.addProduct(partFrom(rowsOf(x, n), 0, from), rowsOf(x, n), partFrom(rowsOf(u, n), 0, from), size, -1);
  for (let row = 0; row < count * n; row += n)
    for (let j = from; j < to; j++) {
      const value = x[row + j]! / u[j * n + j]!;
      x[row + j] = value;
      for (let k = j + 1; k < to; k++) x[row + k]! -= value * u[j * n + k]!;
    }
}

/** X·Uᵀ = Y for the columns of one block, starting with the last. */
function solveBack({ u, x, products }: Solution, n: number, count: number, from: number): void {
  const to = Math.min(n, from + block);
  const size = { rows: count, columns: to - from, depth: n - to };
  const later = transposed(partFrom(rowsOf(u, n), from, to));
  products.addProduct(partFrom(rowsOf(x, n), 0, from), partFrom(rowsOf(x, n), 0, to), later, size, -1);
  for (let row = 0; row < count * n; row += n)
    for (let j = to - 1; j >= from; j--) {
      let value = x[row + j]!;
      for (let k = j + 1; k < to; k++) value -= x[row + k]! * u[j * n + k]!;
      x[row + j] = value / u[j * n + j]!;
    }
}
