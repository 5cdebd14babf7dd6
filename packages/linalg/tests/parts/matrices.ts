import type { DenseMatrix } from '../../src/index.ts';

/** A matrix of what a formula says of row i and column j. */
export function matrixOf(rows: number, columns: number, value: (i: number, j: number) => number): DenseMatrix {
  const data = Float64Array.from({ length: rows * columns }, (_, at) => value(Math.floor(at / columns), at % columns));
  return { data, shape: [rows, columns] };
}

export const squareOf = (n: number, value: (i: number, j: number) => number) => matrixOf(n, n, value);

/** A matrix as its rows say it. */
export const rowsAre = (rows: readonly (readonly number[])[]) =>
  matrixOf(rows.length, rows[0]?.length ?? 0, (i, j) => rows[i]![j]!);

/** Numbers from −½ to ½ by Park and Miller's generator. */
export function noise(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 16807) % 2147483647) / 2147483647 - 0.5;
}

export function randomMatrix(rows: number, columns: number, seed: number): DenseMatrix {
  const next = noise(seed);
  return matrixOf(rows, columns, () => next());
}

export function randomSymmetric(n: number, seed: number): DenseMatrix {
  const { data } = randomMatrix(n, n, seed);
  return squareOf(n, (i, j) => data[Math.min(i, j) * n + Math.max(i, j)]!);
}

export const hilbert = (n: number) => squareOf(n, (i, j) => 1 / (i + j + 1));

/** A symmetric matrix with these eigenvalues, as full as it can be: reflections of diag(values) at three random vectors. */
export function withSpectrum(values: readonly number[], seed: number): DenseMatrix {
  const n = values.length;
  const next = noise(seed);
  let matrix = squareOf(n, (i, j) => (i === j ? values[i]! : 0));
  for (let times = 0; times < 3; times++) matrix = reflected(matrix, Float64Array.from({ length: n }, next));
  return matrix;
}

/** H·A·H with H = I − 2·v·vᵀ / vᵀ·v. */
function reflected({ data, shape: [n] }: DenseMatrix, v: Float64Array): DenseMatrix {
  const square = v.reduce((sum, value) => sum + value * value, 0);
  const av = v.map((_, i) => (2 / square) * v.reduce((sum, value, j) => sum + data[i * n + j]! * value, 0));
  const half = v.reduce((sum, value, i) => sum + value * av[i]!, 0) / square;
  const w = av.map((value, i) => value - half * v[i]!);
  const lower = squareOf(n, (i, j) => data[i * n + j]! - v[i]! * w[j]! - w[i]! * v[j]!);
  return squareOf(n, (i, j) => lower.data[Math.min(i, j) * n + Math.max(i, j)]!);
}

/** A·B in plain loops. */
export function times(a: DenseMatrix, b: DenseMatrix): DenseMatrix {
  const [rows, depth] = a.shape;
  const [, columns] = b.shape;
  const data = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++)
    for (let k = 0; k < depth; k++) {
      const value = a.data[i * depth + k]!;
      for (let j = 0; j < columns; j++) data[i * columns + j]! += value * b.data[k * columns + j]!;
    }
  return { data, shape: [rows, columns] };
}

export const turned = ({ data, shape: [rows, columns] }: DenseMatrix) =>
  matrixOf(columns, rows, (i, j) => data[j * columns + i]!);

export const identity = (n: number) => squareOf(n, (i, j) => (i === j ? 1 : 0));

/** max |aᵢ − bᵢ|. */
export function farthest(a: DenseMatrix, b: DenseMatrix): number {
  expectSameShape(a, b);
  return a.data.reduce((most, value, at) => Math.max(most, Math.abs(value - b.data[at]!)), 0);
}

export const size = ({ data }: DenseMatrix) => data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

function expectSameShape(a: DenseMatrix, b: DenseMatrix): void {
  if (a.shape.join() !== b.shape.join()) throw new Error(`shapes ${a.shape.join()} and ${b.shape.join()}`);
}

/** max |A·v − λ·v| over all pairs, relative to max |λ|, and max |V·Vᵀ − I|. */
export function faultsOf(matrix: DenseMatrix, { values, vectors }: { values: Float64Array; vectors: DenseMatrix }) {
  const [count, n] = vectors.shape;
  const most = values.reduce((max, value) => Math.max(max, Math.abs(value)), Number.MIN_VALUE);
  const images = times(vectors, matrix);
  const scaled = matrixOf(count, n, (k, j) => values[k]! * vectors.data[k * n + j]!);
  return {
    residual: farthest(images, scaled) / most,
    skewness: farthest(times(vectors, turned(vectors)), identity(count)),
  };
}
