import { openWorkspace, partFrom, rowsOf, type Products } from './products.ts';
import { updatedEigen } from './secular.ts';

/** Eigenvalues in any order; row i of `vectors`, (n, n), is the unit eigenvector of value i. */
export interface UnorderedEigen {
  readonly values: Float64Array;
  readonly vectors: Float64Array;
}

/** Below this size, splitting a matrix costs more than it saves. */
const smallest = 32;
const epsilon = 2 ** -52;

/**
 * Eigenvalues and eigenvectors of a symmetric tridiagonal matrix: the halves are solved separately and joined by a rank-one update. It
 * needs at most 4/3 n³ operations, nearly all in matrix products; equal eigenvalues reduce them.
 *
 * Cuppen, "A divide and conquer method for the symmetric tridiagonal eigenproblem", 1981.
 */
export function solveTridiagonal(diagonal: Float64Array, offDiagonal: Float64Array): UnorderedEigen {
  const n = diagonal.length;
  const space = openWorkspace({ z: n * n, gathered: n * n, update: n * n });
  const solver = { ...space, n, values: diagonal.slice(), beside: offDiagonal.slice() };
  solve(solver, 0, n);
  return { values: solver.values, vectors: space.z };
}

interface Solver {
  readonly n: number;
  /** The diagonal, which becomes the eigenvalues; the vectors of rows from … to − 1 are in the same columns of z. */
  readonly values: Float64Array;
  readonly beside: Float64Array;
  readonly z: Float64Array;
  readonly gathered: Float64Array;
  readonly update: Float64Array;
  readonly products: Products;
}

function solve(solver: Solver, from: number, to: number): void {
  if (to - from <= smallest) {
    solveSmall(solver, from, to);
    return;
  }
  const middle = (from + to) >> 1;
  const size = Math.abs(solver.beside[middle - 1]!);
  solver.values[middle - 1]! -= size;
  solver.values[middle]! -= size;
  solve(solver, from, middle);
  solve(solver, middle, to);
  join(solver, from, middle, to);
}

/** A row of z: an eigenvector of one half, or a mixture of both. */
const kinds = { left: 0, both: 1, right: 2 };

/** The state of the rows from … to − 1 before they are joined; all array indices start at `from`. */
interface Halves {
  readonly from: number;
  readonly middle: number;
  readonly to: number;
  /** z of the update, of length 1. */
  readonly weights: Float64Array;
  readonly rho: number;
  readonly kinds: Uint8Array;
}

/** T = diag(T₁, T₂) + |e|·u·uᵀ, which in the basis of both halves' eigenvectors is diag(values) + ρ·z·zᵀ. */
function join(solver: Solver, from: number, middle: number, to: number): void {
  const { n, z, beside } = solver;
  const edge = beside[middle - 1]!;
  const [left, right] = [Math.SQRT1_2, edge < 0 ? -Math.SQRT1_2 : Math.SQRT1_2];
  const weights = new Float64Array(to - from);
  for (let i = from; i < middle; i++) weights[i - from] = left * z[i * n + middle - 1]!;
  for (let i = middle; i < to; i++) weights[i - from] = right * z[i * n + middle]!;
  const kind = weights.map((_, i) => (i < middle - from ? kinds.left : kinds.right));
  const halves = { from, middle, to, weights, rho: 2 * Math.abs(edge), kinds: Uint8Array.from(kind) };
  const kept = deflate(solver, halves);
  if (kept.length > 0) multiplyOut(solver, halves, kept);
}

/**
 * Sets aside the rows that the update does not change beyond rounding: those with a zero weight, and one of each two with equal values,
 * whose weight a rotation makes zero. Returns the others, by ascending value.
 */
function deflate(solver: Solver, halves: Halves): number[] {
  const { from, weights, rho } = halves;
  const values = solver.values.subarray(from, halves.to);
  const most = Math.max(...[values, weights].map((array) => array.reduce((max, x) => Math.max(max, Math.abs(x)), 0)));
  const tolerance = 8 * epsilon * most;
  const order = Array.from(values.keys()).sort((a, b) => values[a]! - values[b]! || a - b);
  const kept: number[] = [];
  for (const i of order) {
    if (rho * Math.abs(weights[i]!) <= tolerance) continue;
    const before = kept.at(-1);
    if (before !== undefined && turnOut(solver, halves, before, i, tolerance)) kept.pop();
    kept.push(i);
  }
  return kept;
}

/** Rotates two rows so that the first has no weight in the update, if their values are so close that this changes nothing. */
function turnOut({ n, z, values }: Solver, halves: Halves, a: number, b: number, tolerance: number): boolean {
  const { from, to, weights, kinds: kind } = halves;
  const [first, second] = [values[from + a]!, values[from + b]!];
  const length = Math.sqrt(weights[a]! * weights[a]! + weights[b]! * weights[b]!);
  const [c, s] = [weights[b]! / length, -weights[a]! / length];
  if (Math.abs((second - first) * c * s) > tolerance) return false;
  weights[a] = 0;
  weights[b] = length;
  values[from + a] = first * c * c + second * s * s;
  values[from + b] = first * s * s + second * c * c;
  if (kind[a] !== kind[b]) kind[a] = kind[b] = kinds.both;
  const [rowA, rowB] = [a, b].map((row) => z.subarray((from + row) * n + from, (from + row) * n + to)) as [
    Float64Array,
    Float64Array,
  ];
  for (let i = 0; i < rowA.length; i++) {
    const [x, y] = [rowA[i]!, rowB[i]!];
    rowA[i] = c * x + s * y;
    rowB[i] = c * y - s * x;
  }
  return true;
}

/**
 * Computes the rows that the update mixes, followed by those it leaves unchanged. Rows of the left half are zero in the right columns and
 * vice versa, so each side multiplies only nonzero parts.
 */
function multiplyOut(solver: Solver, halves: Halves, kept: readonly number[]): void {
  const { n, z, gathered, update, values, products } = solver;
  const { from, middle, to, weights, rho, kinds: kind } = halves;
  const grouped = [...kept].sort((a, b) => kind[a]! - kind[b]! || a - b);
  const place = new Map(grouped.map((row, at) => [row, at]));
  const poles = Float64Array.from(kept, (row) => values[from + row]!);
  const columnOf = Int32Array.from(kept, (row) => place.get(row)!);
  const count = kept.length;
  const roots = updatedEigen(
    { poles, z: Float64Array.from(kept, (row) => weights[row]!), rho },
    columnOf,
    update,
    count,
  );

  const left = Array.from({ length: to - from }, (_, row) => row).filter((row) => !place.has(row));
  const order = [...grouped, ...left];
  order.forEach((row, at) => gathered.set(z.subarray((from + row) * n + from, (from + row) * n + to), at * n));
  const leftValues = left.map((row) => values[from + row]!);
  values.set(roots, from);
  values.set(leftValues, from + count);
  for (let at = 0; at < order.length; at++) {
    const row = z.subarray((from + at) * n + from, (from + at) * n + to);
    if (at < count) row.fill(0);
    else row.set(gathered.subarray(at * n, at * n + to - from));
  }

  const firstRight = grouped.filter((row) => kind[row] === kinds.left).length;
  const lastLeft = grouped.filter((row) => kind[row] !== kinds.right).length;
  const mixed = (column: number, first: number, depth: number, columns: number) =>
    products.addProduct(
      partFrom(rowsOf(z, n), from, from + column),
      partFrom(rowsOf(update, count), 0, first),
      partFrom(rowsOf(gathered, n), first, column),
      { rows: count, columns, depth },
      1,
    );
  mixed(0, 0, lastLeft, middle - from);
  mixed(middle - from, firstRight, count - firstRight, to - middle);
}

/** No value of a small matrix has been observed to take more than 6 sweeps. */
const mostSweeps = 60;

/**
 * Implicit QL with Wilkinson's shift, applied to the rows of an identity matrix.
 *
 * Dubrulle, Martin and Wilkinson, "The implicit QL algorithm", 1968.
 */
function solveSmall({ n, z, values, beside }: Solver, from: number, to: number): void {
  const e = beside.slice(from, to);
  e[to - from - 1] = 0;
  const d = values.subarray(from, to);
  const rows = d.length;
  const rowAt = (i: number) => z.subarray((from + i) * n + from, (from + i) * n + to);
  for (let i = 0; i < rows; i++) rowAt(i)[i] = 1;
  for (let i = 0; i < rows; i++) {
    for (let sweep = 0; ; sweep++) {
      const end = endOfBlock(d, e, i);
      if (end === i) break;
      if (sweep === mostSweeps) throw new Error('QL does not converge');
      sweepUp(d, e, i, end, rowAt);
    }
  }
}

/** The first row from i on after which the matrix splits, up to rounding. */
function endOfBlock(d: Float64Array, e: Float64Array, i: number): number {
  let end = i;
  while (end < d.length - 1 && Math.abs(e[end]!) > epsilon * (Math.abs(d[end]!) + Math.abs(d[end + 1]!))) end++;
  return end;
}

function sweepUp(d: Float64Array, e: Float64Array, i: number, end: number, rowAt: (i: number) => Float64Array): void {
  const half = (d[i + 1]! - d[i]!) / (2 * e[i]!);
  const root = Math.sqrt(half * half + 1);
  let g = d[end]! - d[i]! + e[i]! / (half + (half < 0 ? -root : root));
  let [s, c, p] = [1, 1, 0];
  for (let k = end - 1; k >= i; k--) {
    const [f, b] = [s * e[k]!, c * e[k]!];
    const r = Math.sqrt(f * f + g * g);
    e[k + 1] = r;
    if (r === 0) {
      d[k + 1]! -= p;
      e[end] = 0;
      return;
    }
    [s, c] = [f / r, g / r];
    g = d[k + 1]! - p;
    const t = (d[k]! - g) * s + 2 * c * b;
    p = s * t;
    d[k + 1] = g + p;
    g = c * t - b;
    turn(rowAt(k), rowAt(k + 1), c, s);
  }
  d[i]! -= p;
  e[i] = g;
  e[end] = 0;
}

function turn(lower: Float64Array, upper: Float64Array, c: number, s: number): void {
  for (let k = 0; k < lower.length; k++) {
    const f = upper[k]!;
    upper[k] = s * lower[k]! + c * f;
    lower[k] = c * lower[k]! - s * f;
  }
}
