import { openWorkspace, partFrom, rowsOf, transposed, type Part, type Products } from './products.ts';

/** A symmetric matrix as Q·T·Qᵀ, T tridiagonal, Q the product H₀·H₁·… of reflections Hⱼ = I − τⱼ·vⱼ·vⱼᵀ. */
export interface Tridiagonal {
  /** (n). */
  readonly diagonal: Float64Array;
  /** The off-diagonal elements, (n); the last one is 0. */
  readonly offDiagonal: Float64Array;
  /** (n, n): row j holds vⱼ from column j + 1 on, where it is 1; earlier columns are undefined. */
  readonly reflectors: Float64Array;
  /** τ, (n). */
  readonly factors: Float64Array;
}

/** The reflections of a panel are computed one by one and applied to the rest of the matrix together. */
const panel = 32;

/**
 * Householder's reduction of a symmetric matrix, (n, n); only the upper triangle is read. Half of its 4/3 n³ operations are products with a
 * single vector, whose speed is limited by reading the triangle from memory.
 *
 * Dongarra, Sorensen and Hammarling, "Block reduction of matrices to condensed forms for eigenvalue computations", 1989.
 */
export function tridiagonalise(matrix: Float64Array, n: number): Tridiagonal {
  const space = openWorkspace({
    ...{ a: n * n, w: panel * n, factors: n, diagonal: n, offDiagonal: n },
    ...{ ofV: panel, ofW: panel },
  });
  space.a.set(matrix);
  for (let from = 0; from < n; from += panel) reducePanel({ ...space, n }, from, Math.min(panel, n - from));
  const { diagonal, offDiagonal, a: reflectors, factors } = space;
  return { diagonal, offDiagonal, reflectors, factors };
}

/** The matrix under reduction, and the vectors of the panel: row q of `w` belongs to reflection `from` + q. */
interface Reduction {
  readonly n: number;
  readonly a: Float64Array;
  readonly w: Float64Array;
  readonly factors: Float64Array;
  readonly diagonal: Float64Array;
  readonly offDiagonal: Float64Array;
  readonly ofV: Float64Array;
  readonly ofW: Float64Array;
  readonly products: Products;
}

/** What remains is A − V·Wᵀ − W·Vᵀ: a row is updated when its turn comes, the remaining rows when the panel is done. */
function reducePanel(reduction: Reduction, from: number, width: number): void {
  const { n, a, w, products } = reduction;
  for (let j = from; j < from + width; j++) reduceRow(reduction, from, j);
  const next = from + width;
  const size = { rows: n - next, columns: n - next, depth: width, upper: true };
  const rest = partFrom(rowsOf(a, n), next, next);
  const [v, ws] = [partFrom(rowsOf(a, n), from, next), partFrom(rowsOf(w, n), 0, next)];
  products.addProduct(rest, transposed(v), ws, size, -1);
  products.addProduct(rest, transposed(ws), v, size, -1);
}

function reduceRow(reduction: Reduction, from: number, j: number): void {
  const { n, a, w, factors, diagonal, offDiagonal, products } = reduction;
  const done = j - from;
  updateRow(reduction, from, j);
  diagonal[j] = a[j * n + j]!;
  if (j === n - 1) return;
  const v = a.subarray(j * n + j + 1, (j + 1) * n);
  [offDiagonal[j], factors[j]] = reflect(v);
  const out = w.subarray(done * n + j + 1, (done + 1) * n).fill(0);
  if (factors[j] === 0) return;
  products.addSymmetricProduct(out, partFrom(rowsOf(a, n), j + 1, j + 1), v, v.length);
  subtractPairs(reduction, from, j, out, v);
  scaleToPair(out, v, factors[j]);
}

/** Updates row j, from its diagonal on, with the panel's reflections so far. */
function updateRow({ n, a, w, ofV, ofW, products }: Reduction, from: number, j: number): void {
  const done = j - from;
  for (let q = 0; q < done; q++) {
    ofV[q] = a[(from + q) * n + j]!;
    ofW[q] = w[q * n + j]!;
  }
  const row = a.subarray(j * n + j, (j + 1) * n);
  products.addRows(row, partFrom(rowsOf(w, n), 0, j), ofV, done, row.length, -1);
  products.addRows(row, partFrom(rowsOf(a, n), from, j), ofW, done, row.length, -1);
}

/** A·v was computed with A from before the panel, so V·(Wᵀ·v) and W·(Vᵀ·v) are subtracted. */
function subtractPairs(
  { n, a, w, ofV, ofW, products }: Reduction,
  from: number,
  j: number,
  out: Float64Array,
  v: Float64Array,
): void {
  const [vs, ws] = [partFrom(rowsOf(a, n), from, j + 1), partFrom(rowsOf(w, n), 0, j + 1)];
  products.dotRows(ofV, vs, v, j - from, v.length);
  products.dotRows(ofW, ws, v, j - from, v.length);
  products.addRows(out, vs, ofW, j - from, v.length, -1);
  products.addRows(out, ws, ofV, j - from, v.length, -1);
}

/**
 * Turns a vector x into v with (I − τ·v·vᵀ)·x = (β, 0, …): v₀ = 1, |β| = ‖x‖. Returns [β, τ]; τ is 0 if x already has that form. The sign
 * of β avoids cancellation.
 */
function reflect(x: Float64Array): [number, number] {
  const first = x[0]!;
  let rest = 0;
  for (let i = 1; i < x.length; i++) rest += x[i]! * x[i]!;
  x[0] = 1;
  if (rest === 0) return [first, 0];
  const norm = Math.sqrt(first * first + rest);
  const beta = first > 0 ? -norm : norm;
  const scale = 1 / (first - beta);
  for (let i = 1; i < x.length; i++) x[i]! *= scale;
  return [beta, (beta - first) / beta];
}

/** w = τ·A·v − ½ τ² (vᵀ·A·v)·v, computed in place from A·v. */
function scaleToPair(out: Float64Array, v: Float64Array, factor: number): void {
  let dot = 0;
  for (let i = 0; i < v.length; i++) dot += out[i]! * v[i]!;
  const share = -0.5 * factor * factor * dot;
  for (let i = 0; i < v.length; i++) out[i] = factor * out[i]! + share * v[i]!;
}

/** Reflections that are applied together. */
const group = 64;

/** Q·z for each row z of `vectors`, (count, n): eigenvectors of T become those of the matrix. */
export function applyReflectors(tridiagonal: Tridiagonal, vectors: Float64Array, n: number): Float64Array {
  const count = n === 0 ? 0 : vectors.length / n;
  const space = openWorkspace({
    ...{ z: vectors.length, v: group * n, tv: group * n, p: count * group },
    ...{ t: group * group, dots: group },
  });
  space.z.set(vectors);
  for (let from = Math.floor(Math.max(0, n - 2) / group) * group; from >= 0; from -= group) {
    const width = Math.min(group, n - 1 - from);
    if (width > 0) applyGroup({ ...space, n, count }, tridiagonal, from, width);
  }
  return space.z;
}

interface Application {
  readonly n: number;
  readonly count: number;
  readonly z: Float64Array;
  readonly v: Float64Array;
  readonly tv: Float64Array;
  readonly p: Float64Array;
  readonly t: Float64Array;
  readonly dots: Float64Array;
  readonly products: Products;
}

/**
 * H_from · H_from+1 · … = I − Vᵀ·T·V, where the rows of V are the v: Z ← Z − (Z·Vᵀ)·(Tᵀ·V).
 *
 * Schreiber and Van Loan, "A storage-efficient WY representation for products of Householder transformations", 1989.
 */
function applyGroup(application: Application, tridiagonal: Tridiagonal, from: number, width: number): void {
  const { n, count, z, v, tv, p, t, products } = application;
  const length = n - from - 1;
  copyReflectors(application, tridiagonal, from, width);
  fillTriangle(application, tridiagonal.factors.subarray(from), width, length);
  const [vs, tvs, ps] = [rowsOf(v, length), rowsOf(tv.fill(0), length), rowsOf(p.fill(0), width)];
  products.addProduct(tvs, transposed(rowsOf(t, width)), vs, { rows: width, columns: length, depth: width }, 1);
  const zs: Part = partFrom(rowsOf(z, n), 0, from + 1);
  products.addProduct(ps, zs, transposed(vs), { rows: count, columns: width, depth: length }, 1);
  products.addProduct(zs, ps, tvs, { rows: count, columns: length, depth: width }, -1);
}

function copyReflectors({ n, v }: Application, { reflectors }: Tridiagonal, from: number, width: number): void {
  const length = n - from - 1;
  v.fill(0);
  for (let q = 0; q < width; q++) {
    const row = (from + q) * n;
    v.set(reflectors.subarray(row + from + q + 1, row + n), q * length + q);
  }
}

/** T, upper triangular: its diagonal is τ, above it Tᵢ = −τᵢ · T · (V·vᵢ). */
function fillTriangle(
  { v, t, dots, products }: Application,
  factors: Float64Array,
  width: number,
  length: number,
): void {
  t.fill(0);
  for (let i = 0; i < width; i++) {
    products.dotRows(dots, rowsOf(v, length), v.subarray(i * length, (i + 1) * length), i, length);
    for (let row = 0; row < i; row++) {
      let sum = 0;
      for (let k = row; k < i; k++) sum += t[row * width + k]! * dots[k]!;
      t[row * width + i] = -factors[i]! * sum;
    }
    t[i * width + i] = factors[i]!;
  }
}
