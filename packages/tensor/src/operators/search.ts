import { int64, isFloat } from '../nd-array.ts';
import type { Operator } from '../operator.ts';
import { known, normaliseAxis, showShape, TensorError, type Dimension, type Shape } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { refuseNothing, type KeepDims } from './reduction.ts';
import { concat, pad, type Padding } from './selection.ts';

/** Ordered elements along an axis, and their original positions along it, int64. */
export interface Ordered {
  readonly values: Tensor;
  readonly indices: Tensor;
}

/**
 * The k largest elements along an axis, in descending order, or the smallest, in ascending order. Equal elements keep their order; NaN
 * counts as +∞. The values are gathered by index, so they have a derivative.
 */
export function topK(x: Tensor, search: Search): Ordered {
  const { k, axis } = search;
  const size = x.shape[axis]!;
  if (!(Number.isInteger(k) && k >= 0 && (typeof size === 'string' || k <= size))) {
    throw new TensorError(`TopK: there are no ${k} elements along axis ${axis} of ${showShape(x.shape)}`);
  }
  const indices = placesOf(isFloat(x.dtype) ? x.equal(x).where(x, Infinity) : x, search);
  return { values: x.takeAlong(indices, axis), indices };
}

/** onnxruntime's TopK crashes the process if there are no rows, so one is added if there may be none. */
function placesOf(x: Tensor, search: Search): Tensor {
  const mayBeEmpty = (size: Dimension, axis: number) =>
    axis !== search.axis && (typeof size === 'string' || size === 0);
  const open = x.shape.flatMap((size, axis) => (mayBeEmpty(size, axis) ? [axis] : []));
  const some = open.reduce((rows, axis) => withRows(rows, axis, 1, 'rows and one'), x);
  const found = some.apply(kLargest, search);
  const places = found.result(1, { shape: found.shape, dtype: 'int64' });
  return open.reduce((rows, axis) => withRows(rows, axis, -1, x.shape[axis]!), places);
}

/** Options for the k largest elements. */
export interface TopKOptions {
  /** Whether they are sorted; true by default. Unsorted, their order is undefined, which is faster. */
  readonly sorted?: boolean;
}

/** How many elements to find along an axis, and whether the largest or the smallest. */
interface Search extends TopKOptions {
  readonly k: number;
  readonly axis: number;
  readonly largest: boolean;
}

/** The second result is the positions of the elements. NaN is not ordered; callers must not pass it. */
const kLargest: Operator<Search> = {
  type: 'TopK',
  infer: ([x], { k, axis }) => ({ shape: replaced(x!.shape, axis, k), dtype: x!.dtype }),
  onnx: ({ k, axis, largest, sorted = true }) => ({
    attributes: { axis, largest: largest ? 1 : 0, ...(!sorted && { sorted: 0 }) },
    inputs: [int64([k])],
    results: 2,
  }),
};

const replaced = (shape: Shape, axis: number, size: Dimension) =>
  shape.map((own, each) => (each === axis ? size : own));

/** Adds a row of zeros at the end of an axis, or removes the last row; the axis then has the given size. */
function withRows(x: Tensor, axis: number, by: 1 | -1, size: Dimension): Tensor {
  const pads = [...x.shape.map(() => 0), ...x.shape.map((_, each) => (each === axis ? by : 0))];
  return x.apply(resized, { pads, value: 0, dtype: x.dtype, shape: replaced(x.shape, axis, size) });
}

/** A padding that also gives the resulting shape if a size is a name. */
const resized: Operator<Padding & { readonly shape: Shape }> = {
  type: pad.type,
  infer: ([x], { shape }) => ({ shape, dtype: x!.dtype }),
  onnx: pad.onnx!,
};

/** The sort order. */
export interface SortOptions {
  /** Descending if true; ascending by default. */
  readonly descending?: boolean;
}

/** All elements along an axis, sorted. */
export const sort = (x: Tensor, axis: number, { descending = false }: SortOptions): Ordered =>
  topK(x, { k: known('sort', x.shape[axis], 'the size of the sorted axis'), axis, largest: descending });

/** How to choose a quantile between two elements. */
export interface QuantileOptions extends KeepDims {
  /** Linear interpolation, the default, or the lower or higher element. */
  readonly interpolation?: 'linear' | 'lower' | 'higher';
}

/** The quantile q of the elements along an axis: see `Tensor.quantile`. */
export function quantile(x: Tensor, q: number, axis: number, options: QuantileOptions): Tensor {
  const { interpolation = 'linear', keepDims = false } = options;
  const size = known('quantile', x.shape[axis], 'the size of the axis');
  refuseNothing('quantile', x.shape, [axis]);
  if (!(q >= 0 && q <= 1)) throw new TensorError(`quantile: q must be from 0 to 1, not ${q}`);
  const rank = (size - 1) * q;
  const [below, above] = [Math.floor(rank), Math.ceil(rank)];
  const isBetween = interpolation === 'linear' && below < above;
  const ranks = isBetween ? [below, above] : [interpolation === 'higher' ? above : below];
  const [low, high] = ranked(x, axis, ranks, size - 1) as [Tensor, Tensor];
  const chosen = nanWithin(x, axis, isBetween ? between(low, high, rank - below) : low);
  return keepDims ? chosen : chosen.sum(axis);
}

/** The elements of the given ranks, 0 for the smallest, found from the nearer end. */
function ranked(x: Tensor, axis: number, ranks: readonly number[], last: number): readonly Tensor[] {
  const fromLargest = ranks[0]! > last / 2;
  const places = ranks.map((rank) => (fromLargest ? last - rank : rank));
  const { values } = topK(x, { k: Math.max(...places) + 1, axis, largest: fromLargest });
  return places.map((place) => values.slice(axis, place, place + 1));
}

/** Interpolated from the nearer end, which rounds as NumPy and PyTorch do. Next to an infinite element it may be NaN, as it may be there. */
function between(low: Tensor, high: Tensor, part: number): Tensor {
  const gap = high.sub(low);
  return part < 0.5 ? low.add(gap.mul(part)) : high.sub(gap.mul(1 - part));
}

/** NaN if there is a NaN among the elements along the axis. */
function nanWithin(x: Tensor, axis: number, result: Tensor): Tensor {
  if (!isFloat(x.dtype)) return result;
  const numbers = x.equal(x).cast(x.dtype).min(axis, { keepDims: true });
  return numbers.equal(1).where(result, NaN);
}

/**
 * How many elements of the last axis lie in each bin, x (…, M) and B + 1 edges → (…, B), as NumPy's histogram counts: a bin includes its
 * lower edge but not the upper one; the last bin includes both. Values outside, and NaN, are not counted. Counts have x's dtype; float32 is
 * exact up to 2²⁴. Their derivative is 0.
 *
 * @throws TensorError when there are fewer than two edges, when they are known not to be in ascending order, or when their dtype is not
 *   x's.
 */
export function histogram(x: Tensor, edges: Tensor): Tensor {
  const axis = normaliseAxis('histogram', -1, x.shape);
  const bins = binsOf(edges);
  const above = Array.from({ length: bins + 1 }, (_, i) => {
    const edge = edges.slice(0, i, i + 1);
    const isAbove = i < bins ? x.greaterOrEqual(edge) : x.greater(edge);
    return isAbove.cast(x.dtype).sum(axis, { keepDims: true });
  });
  const counts = concat(above, axis);
  return counts.slice(axis, 0, bins).sub(counts.slice(axis, 1, bins + 1));
}

function binsOf({ shape, origin }: Tensor): number {
  const [size] = shape;
  if (shape.length !== 1 || typeof size !== 'number' || size < 2) {
    throw new TensorError(`histogram: edges must be (B + 1) with at least one bin, not ${showShape(shape)}`);
  }
  const known = origin.kind === 'constant' ? Array.from(origin.array.data, Number) : [];
  if (known.every((edge, i) => i === 0 || edge >= known[i - 1]!)) return size - 1;
  throw new TensorError('histogram: edges must be in ascending order');
}
