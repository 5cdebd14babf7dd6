/** A matrix in row-major order; an NDArray with two axes is one. */
export interface Matrix {
  readonly data: Float32Array | Float64Array;
  /** [rows, columns]. */
  readonly shape: readonly number[];
}

/** A matrix as this package returns it: float64, row-major. */
export interface DenseMatrix extends Matrix {
  readonly data: Float64Array;
  readonly shape: readonly [number, number];
}

/** Shapes that do not fit, or numbers without a result: NaN, or a matrix that is not positive definite. */
type LinalgErrorCode = 'OOD_SHAPE' | 'OOD_DETECTOR_FAILED';

/** An error of this package. The codes are those of farout, which adds the detector's name. */
export class LinalgError extends Error {
  override readonly name = 'LinalgError';
  readonly code: LinalgErrorCode;
  /** What to do about it, if known. */
  readonly fix: string | undefined;

  constructor(
    message: string,
    { code = 'OOD_DETECTOR_FAILED', fix, ...options }: ErrorOptions & { code?: LinalgErrorCode; fix?: string } = {},
  ) {
    super(message, options);
    this.code = code;
    this.fix = fix;
  }
}

/** The rows and columns of a matrix, after checking that its data fits its shape. */
export function checkedMatrix(what: string, { data, shape }: Matrix): readonly [number, number] {
  const [rows = 0, columns = 0] = shape;
  const isMatrix = shape.length === 2 && [rows, columns].every((size) => Number.isInteger(size) && size >= 0);
  if (!isMatrix) throw misfit(`${what}: shape (${shape.join(', ')}) is not the shape of a matrix`);
  if (!(data instanceof Float32Array || data instanceof Float64Array))
    throw misfit(`${what}: the numbers are neither a Float32Array nor a Float64Array`);
  if (data.length !== rows * columns)
    throw misfit(`${what}: ${data.length} numbers do not fill the shape (${rows}, ${columns})`);
  refuseNotFinite(what, data, columns);
  return [rows, columns];
}

/** The size of a symmetric matrix, after checking it. Elements may differ from their mirror images by rounding; the upper ones are used. */
export function checkedSymmetric(what: string, matrix: Matrix): number {
  const [rows, columns] = checkedMatrix(what, matrix);
  if (rows !== columns) throw misfit(`${what}: the matrix (${rows}, ${columns}) is not square`);
  refuseNotSymmetric(what, matrix.data, rows);
  return rows;
}

export const misfit = (message: string, fix?: string) =>
  new LinalgError(message, { code: 'OOD_SHAPE', ...(fix !== undefined && { fix }) });

export function refuseNotFinite(what: string, data: Float32Array | Float64Array, columns: number): void {
  // x − x is nonzero (NaN) only for ∞ and NaN.
  const at = data.findIndex((value) => value - value !== 0);
  if (at >= 0) throw new LinalgError(`${what}: ${data[at]!} at [${Math.floor(at / columns)}, ${at % columns}]`);
}

/** How far an element may be from its mirror image, relative to the largest; float32 sums of thousands of numbers differ this much. */
const asymmetry = 1e-5;

function refuseNotSymmetric(what: string, data: Float32Array | Float64Array, n: number): void {
  const allowed = asymmetry * largest(data);
  for (let i = 0; i < n; i++)
    for (let j = i + 1; j < n; j++) {
      const [above, below] = [data[i * n + j]!, data[j * n + i]!];
      if (Math.abs(above - below) > allowed)
        throw misfit(`${what}: the matrix is not symmetric: ${above} at [${i}, ${j}], ${below} at [${j}, ${i}]`);
    }
}

/** max |aᵢ|; 0 if empty. */
export function largest(data: Float32Array | Float64Array): number {
  let most = 0;
  for (const value of data) most = Math.max(most, Math.abs(value));
  return most;
}

/** A copy with the upper triangle mirrored to the lower one. */
export function mirrored(data: Float64Array, n: number): Float64Array {
  const whole = data.slice(0, n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) whole[i * n + j] = whole[j * n + i]!;
  return whole;
}
