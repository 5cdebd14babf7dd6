import { int64, scalar, type DType, type NDArray } from '../nd-array.ts';
import { oneDtype, type Operand, type Operator } from '../operator.ts';
import { elementCount, known, normaliseAxis, showShape, TensorError, type Dimension, type Shape } from '../shape.ts';
import type { Tensor } from '../tensor.ts';

/**
 * Concatenates tensors along an axis, by default the last one; all other sizes must be equal.
 *
 * @throws TensorError when there are no tensors, or their shapes do not fit.
 */
export function concat(tensors: readonly Tensor[], axis = -1): Tensor {
  const [first, ...others] = tensors;
  if (!first) throw new TensorError('Concat: there must be at least one tensor');
  return first.apply(concatenation, { axis: normaliseAxis('Concat', axis, first.shape) }, others);
}

const concatenation: Operator<{ axis: number }> = {
  type: 'Concat',
  infer: (operands, { axis }) => {
    const [first] = operands;
    const fits = operands.every(
      ({ shape }) =>
        shape.length === first!.shape.length &&
        shape.every((size, each) => each === axis || size === first!.shape[each]),
    );
    if (!fits) {
      const shapes = operands.map(({ shape }) => showShape(shape)).join(', ');
      throw new TensorError(`Concat: ${shapes} differ in other axes than ${axis}`);
    }
    const sizes = operands.map(({ shape }) => known('Concat', shape[axis], 'a joined size'));
    const length = sizes.reduce((sum, size) => sum + size, 0);
    return {
      shape: first!.shape.map((size, each) => (each === axis ? length : size)),
      dtype: oneDtype('Concat', operands),
    };
  },
  gradient: ({ inputs, upstream: g, attributes: { axis } }) => {
    let end = 0;
    const ends = inputs.map(({ shape }) => (end += shape[axis] as number));
    return ends.map((last, i) => () => g.slice(axis, i === 0 ? 0 : ends[i - 1]!, last));
  },
};

/** Per axis: the first element, the end (exclusive), and the step; all counted from the front. */
export interface Slice {
  readonly axes: readonly number[];
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly steps: readonly number[];
}

/** A range of elements along some axes, in order. */
export const slice: Operator<Slice> = {
  type: 'Slice',
  infer: ([x], { axes, starts, ends, steps }) => {
    const shape = [...x!.shape];
    for (const [i, axis] of axes.entries()) {
      const [start, end, step] = [starts[i]!, ends[i]!, steps[i]!];
      const size = known('Slice', shape[axis], 'a sliced size');
      if (start < 0 || end > size || start > end || step < 1) {
        const range = `${start}…${end} by ${step}`;
        throw new TensorError(`Slice: axis ${axis} of ${showShape(x!.shape)} has no range ${range}`);
      }
      shape[axis] = Math.ceil((end - start) / step);
    }
    return { shape, dtype: x!.dtype };
  },
  onnx: ({ axes, starts, ends, steps }) => ({ attributes: {}, inputs: [starts, ends, axes, steps].map(int64) }),
  gradient: ({ inputs: [x], upstream, attributes }) => [() => padBack(upstream, x!, attributes)],
};

/** The gradient at the selected elements, 0 at the others. */
function padBack(upstream: Tensor, { shape }: Tensor, { axes, starts, steps }: Slice): Tensor {
  return axes.reduce((g, axis, i) => {
    const spread = spreadOut(g, axis, steps[i]!);
    const covered = starts[i]! + (spread.shape[axis] as number);
    return spread.pad(axis, starts[i]!, (shape[axis] as number) - covered);
  }, upstream);
}

/** Inserts step − 1 zeros after each element of an axis. */
function spreadOut(g: Tensor, axis: number, step: number): Tensor {
  if (step === 1) return g;
  const apart = g.unsqueeze([axis + 1]).pad(axis + 1, 0, step - 1);
  return apart.reshape(g.shape.map((size, each) => (each === axis ? (size as number) * step : size)));
}

/** How many elements to add before each axis, then after each axis; negative numbers remove elements. */
export interface Padding {
  readonly pads: readonly number[];
  readonly value: number;
  readonly dtype: DType;
}

/** x padded with a constant. */
export const pad: Operator<Padding> = {
  type: 'Pad',
  infer: ([x], { pads }) => {
    const rank = x!.shape.length;
    const shape = x!.shape.map((size, axis): Dimension => {
      const added = pads[axis]! + pads[axis + rank]!;
      return pads[axis] === 0 && added === 0 ? size : known('Pad', size, 'a padded size') + added;
    });
    if (shape.every((size) => typeof size !== 'number' || size >= 0)) return { shape, dtype: x!.dtype };
    throw new TensorError(`Pad: [${pads.join(', ')}] removes all of ${showShape(x!.shape)}`);
  },
  onnx: ({ pads, value, dtype }) => ({ attributes: {}, inputs: [int64(pads), scalar(value, dtype)] }),
  gradient: ({ upstream: g, attributes: { pads } }) => [
    () =>
      g.shape.reduce((inner, _, axis) => {
        const [before, behind] = [pads[axis]!, pads[axis + g.shape.length]!];
        return before === 0 && behind === 0 ? inner : inner.pad(axis, -before, -behind);
      }, g),
  ],
};

/** Element numbers along an axis (negative ones count from its end) as indices. @throws TensorError when there are no such elements. */
export function indicesAlong(axis: number, { shape }: Tensor, numbers: readonly number[]): NDArray {
  const size = shape[axis]!;
  const wrong = numbers.find((at) => !Number.isInteger(at) || (typeof size === 'number' && (at < -size || at >= size)));
  if (wrong === undefined) return int64(numbers);
  throw new TensorError(`Gather: no element ${wrong} along axis ${axis} of ${showShape(shape)}`);
}

/** The elements of x at indices along an axis; that axis is replaced by the axes of the indices. */
export const gather: Operator<{ axis: number }> = {
  type: 'Gather',
  infer: ([x, indices], { axis }) => {
    wholeNumbers('Gather', indices!);
    return { shape: [...x!.shape.slice(0, axis), ...indices!.shape, ...x!.shape.slice(axis + 1)], dtype: x!.dtype };
  },
  gradient: ({ inputs: [x, indices], upstream: g, attributes: { axis } }) => [
    () => addBack(g, x!, indices!, axis),
    () => undefined,
  ],
};

/** Adds the gradient at the positions its elements were taken from. */
function addBack(g: Tensor, x: Tensor, indices: Tensor, axis: number): Tensor {
  const count = elementCount(indices.shape);
  const taken =
    indices.shape.length === 1 ? g : g.reshape([...x.shape.slice(0, axis), count, ...x.shape.slice(axis + 1)]);
  const aligned = indices.cast('int64').reshape(x.shape.map((_, each) => (each === axis ? count : 1)));
  return x.filled(0).scatterAdd(aligned.expandAs(taken), taken, axis);
}

function wholeNumbers(operator: string, { dtype, shape }: Operand): void {
  if (dtype === 'int64' || dtype === 'int32') return;
  throw new TensorError(`${operator}: indices must be int64 or int32, not ${dtype} ${showShape(shape)}`);
}

/**
 * The element of x at each index along an axis: x (N, D) and indices (N, k) → (N, k), each row's elements at that row's own indices. All
 * other axes must have x's sizes.
 */
export const takeAlong: Operator<{ axis: number }> = {
  type: 'GatherElements',
  infer: ([x, indices], { axis }) => {
    alongAxis('GatherElements', x!, indices!, axis);
    return { shape: indices!.shape, dtype: x!.dtype };
  },
  gradient: ({ inputs: [x, indices], upstream: g, attributes: { axis } }) => [
    () => x!.filled(0).scatterAdd(indices!, g, axis),
    () => undefined,
  ],
};

/** target with its elements at indices along an axis replaced by values; an index must not occur twice in a row. */
export const putAlong: Operator<{ axis: number }> = {
  type: 'ScatterElements',
  infer: (operands, { axis }) => placed(operands, axis),
  gradient: ({ inputs: [, indices, values], upstream: g, attributes: { axis } }) => [
    () => g.putAlong(indices!, values!.filled(0), axis),
    () => undefined,
    () => g.takeAlong(indices!, axis),
  ],
};

/** target with updates added to its elements at indices along an axis; repeated indices add repeatedly, in order. */
export const scatterAdd: Operator<{ axis: number }> = {
  type: 'ScatterElements',
  infer: (operands, { axis }) => placed(operands, axis),
  onnx: ({ axis }) => ({ attributes: { axis, reduction: 'add' } }),
  gradient: ({ inputs: [, indices], upstream: g, attributes: { axis } }) => [
    () => g,
    () => undefined,
    () => g.takeAlong(indices!, axis),
  ],
};

/** The shape rule of `putAlong` and `scatterAdd`. */
function placed([target, indices, updates]: readonly Operand[], axis: number): Operand {
  alongAxis('ScatterElements', target!, indices!, axis);
  oneDtype('ScatterElements', [target!, updates!]);
  if (showShape(indices!.shape) === showShape(updates!.shape)) return target!;
  const shapes = `${showShape(indices!.shape)} and ${showShape(updates!.shape)}`;
  throw new TensorError(`ScatterElements: indices and values must have one shape, not ${shapes}`);
}

function alongAxis(operator: string, x: Operand, indices: Operand, axis: number): void {
  wholeNumbers(operator, indices);
  const others = (shape: Shape) => showShape(shape.map((size, each) => (each === axis ? '…' : size)));
  if (others(indices.shape) === others(x.shape)) return;
  throw new TensorError(
    `${operator}: indices ${showShape(indices.shape)} must have the sizes of ${showShape(x.shape)} but along axis ${axis}`,
  );
}
