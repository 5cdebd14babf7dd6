/** The size of an axis: a number, or a name for a size known only when the graph runs, such as the batch "N". */
export type Dimension = number | string;

/** a · b. A product that contains a name is again a name, always written the same way: `N·64`. */
export const times = (a: Dimension, b: Dimension): Dimension => {
  const [left, right] = [factors(a), factors(b)];
  return product([...left.names, ...right.names], left.count * right.count);
};

/** a / b if that is an integer whatever the names stand for, otherwise undefined. */
export function over(a: Dimension, b: Dimension): Dimension | undefined {
  const [above, below] = [factors(a), factors(b)];
  const names = [...above.names];
  for (const name of below.names) {
    const at = names.indexOf(name);
    if (at < 0) return undefined;
    names.splice(at, 1);
  }
  const count = above.count / below.count;
  return Number.isInteger(count) ? product(names, count) : undefined;
}

/** A size as its names and its numeric factor: `N·64` is 64 times N. */
export function factors(size: Dimension): { readonly names: readonly string[]; readonly count: number } {
  if (typeof size === 'number') return { names: [], count: size };
  const parts = size.split('·');
  const names = parts.filter((part) => !/^\d+$/.test(part));
  const count = parts.reduce((total, part) => (/^\d+$/.test(part) ? total * Number(part) : total), 1);
  return { names, count };
}

function product(names: readonly string[], count: number): Dimension {
  if (names.length === 0 || count === 0) return count;
  return [...names]
    .sort()
    .concat(count === 1 ? [] : String(count))
    .join('·');
}

/** The sizes of all axes; [] for a scalar. */
export type Shape = readonly Dimension[];

/** A shape in the usual notation: (N, 3, 224, 224). */
export const showShape = (shape: Shape): string => `(${shape.join(', ')})`;

/** The shape of an element-wise result under NumPy's broadcasting: shapes are aligned at the last axis, and a size of 1 stretches to the other's. */
export function broadcast(operator: string, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left === right || right === 1) return left;
    if (left === 1) return right;
    throw new TensorError(`${operator}: shapes ${showShape(a)} and ${showShape(b)} do not broadcast`);
  });
}

/** Converts an axis to one counted from the front; negative axes count from the end. */
export function normaliseAxis(operator: string, axis: number, shape: Shape): number {
  const normal = axis < 0 ? axis + shape.length : axis;
  if (Number.isInteger(normal) && normal >= 0 && normal < shape.length) return normal;
  throw new TensorError(`${operator}: no axis ${axis} in shape ${showShape(shape)}`);
}

/** Converts several axes to ones counted from the front: at least one, without duplicates. */
export function normaliseAxes(operator: string, axes: readonly number[], shape: Shape): readonly number[] {
  const normal = axes.map((axis) => normaliseAxis(operator, axis, shape));
  if (normal.length > 0 && new Set(normal).size === normal.length) return normal;
  throw new TensorError(
    `${operator}: [${axes.join(', ')}] must name at least one axis of ${showShape(shape)}, and none twice`,
  );
}

/** The shape after a reduction over `axes` (counted from the front). */
export const reduceShape = (shape: Shape, axes: readonly number[], keepDims: boolean): Shape =>
  keepDims
    ? shape.map((size, axis) => (axes.includes(axis) ? 1 : size))
    : shape.filter((_, axis) => !axes.includes(axis));

/** A size that must be known when the expression is written. */
export function known(operator: string, size: Dimension | undefined, what: string): number {
  if (typeof size === 'number') return size;
  throw new TensorError(`${operator}: ${what} must be known, not ${size ?? 'absent'}`);
}

/**
 * Whether a reshape to these sizes is possible: at most one may be a name, whose value follows from the others; next to a 0 it cannot be
 * determined.
 */
export const canBeFilled = (shape: Shape): boolean =>
  shape.filter((size) => typeof size !== 'number').length <= (shape.includes(0) ? 0 : 1);

/** The number of elements of a shape; a name if one of its sizes is a name. */
export const elementCount = (shape: Shape): Dimension => shape.reduce(times, 1);

/** Tensors that do not fit together, or a network from a file or an operator without a gradient. */
type TensorErrorCode = 'OOD_SHAPE' | 'OOD_ONNX_REFUSED' | 'OOD_DETECTOR_FAILED';

/** An invalid expression; thrown where the expression is written, before anything is computed. */
export class TensorError extends Error {
  override readonly name = 'TensorError';
  readonly code: TensorErrorCode;
  /** What to do about it, if known. */
  readonly fix: string | undefined;

  constructor(
    message: string,
    { code = 'OOD_SHAPE', fix, ...options }: ErrorOptions & { code?: TensorErrorCode; fix?: string } = {},
  ) {
    super(message, options);
    this.code = code;
    this.fix = fix;
  }
}
