import { elementType, int64, isFloat, type DType } from '../nd-array.ts';
import type { Attributes, None, Operator } from '../operator.ts';
import { broadcast, canBeFilled, elementCount, showShape, TensorError, type Dimension, type Shape } from '../shape.ts';

/** The same values in another dtype. Casts to or from integers and bools have no derivative. */
export const cast: Operator<{ to: DType }> = {
  type: 'Cast',
  infer: ([x], { to }) => ({ shape: x!.shape, dtype: to }),
  onnx: ({ to }) => ({ attributes: { to: elementType[to] } }),
  gradient: ({ inputs: [x], upstream: g, attributes: { to } }) => [
    () => (isFloat(x!.dtype) && isFloat(to) ? g.cast(x!.dtype) : undefined),
  ],
};

/** x, but treated as a constant by gradients. The graph contains x itself instead. */
export const detach: Operator<None> = {
  type: 'Identity',
  infer: ([x]) => x!,
  steady: ([x]) => x,
  gradient: () => [() => undefined],
};

/**
 * The same elements in another shape. At most one size may be a name, whose value follows from the others; this is undefined if another
 * size is 0. If the old shape is unknown, the new one is assumed to fit.
 */
export const reshape: Operator<{ shape: Shape }> = {
  type: 'Reshape',
  infer: ([x], { shape }) => {
    const open = shape.filter((size) => typeof size !== 'number').length;
    // A size given by name may stand for any number of elements.
    const fits = () => !x!.hasShape || elementCount(x!.shape) === elementCount(shape);
    if (canBeFilled(shape) && (open === 1 || fits())) return { shape, dtype: x!.dtype };
    throw new TensorError(`Reshape: the elements of ${showShape(x!.shape)} do not fill ${showShape(shape)}`);
  },
  onnx: ({ shape }) => {
    // Without it, ONNX replaces a 0 by x's size on that axis.
    const attributes: Attributes = shape.includes(0) ? { allowzero: 1 } : {};
    return { attributes, inputs: [int64(shape.map((size) => (typeof size === 'number' ? size : -1)))] };
  },
  gradient: ({ inputs: [x], upstream: g }) => [() => g.reshape(x!.shape)],
};

/** Axes in another order: axis i of the result is axis perm[i] of x. */
export const transpose: Operator<{ perm: readonly number[] }> = {
  type: 'Transpose',
  infer: ([x], { perm }) => {
    const complete = perm.length === x!.shape.length && x!.shape.every((_, axis) => perm.includes(axis));
    if (!complete)
      throw new TensorError(
        `Transpose: [${perm.join(', ')}] is not a permutation of the axes of ${showShape(x!.shape)}`,
      );
    return { shape: perm.map((axis) => x!.shape[axis]!), dtype: x!.dtype };
  },
  gradient: ({ upstream: g, attributes: { perm } }) => [
    () => g.transpose(...perm.map((_, axis) => perm.indexOf(axis))),
  ],
};

/** New axes of size 1 at the positions `axes` of the result (counted from the front). */
export const unsqueeze: Operator<{ axes: readonly number[] }> = {
  type: 'Unsqueeze',
  infer: ([x], { axes }) => {
    const old = [...x!.shape];
    const shape = Array.from({ length: old.length + axes.length }, (_, axis): Dimension =>
      axes.includes(axis) ? 1 : old.shift()!,
    );
    return { shape, dtype: x!.dtype };
  },
  onnx: ({ axes }) => ({ attributes: {}, inputs: [int64(axes)] }),
  gradient: ({ upstream: g, attributes: { axes } }) => [() => g.sum(axes)],
};

/** x broadcast to `shape`; the second operand holds the same shape as numbers when the graph runs. */
export const expand: Operator<{ shape: Shape }> = {
  type: 'Expand',
  infer: ([x], { shape }) => ({ shape: broadcast('Expand', x!.shape, shape), dtype: x!.dtype }),
  onnx: () => ({ attributes: {} }),
  gradient: ({ upstream: g }) => [() => g, () => undefined],
};

/** The sizes of x when the graph runs, int64 (rank). */
export const shapeOf: Operator<None> = {
  type: 'Shape',
  infer: ([x]) => ({ shape: [x!.shape.length], dtype: 'int64' }),
  gradient: () => [() => undefined],
};

/** The elements along `axes` (counted from the front) in the opposite order. */
export const reverse: Operator<{ axes: readonly number[] }> = {
  type: 'Slice',
  infer: ([x]) => x!,
  onnx: ({ axes }) => ({
    attributes: {},
    // From the last element to before the first, backwards.
    inputs: [axes.map(() => -1), axes.map(() => Number.MIN_SAFE_INTEGER), axes, axes.map(() => -1)].map(int64),
  }),
  gradient: ({ upstream: g, attributes: { axes } }) => [() => g.reverse(axes)],
};
