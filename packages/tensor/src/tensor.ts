import { dtypeOf, isFloat, scalar, type DType, type NDArray } from './nd-array.ts';
import { unknownShape, type Inferred, type Operand, type Operator, type Origin } from './operator.ts';
import * as activation from './operators/activation.ts';
import * as arithmetic from './operators/arithmetic.ts';
import * as comparison from './operators/comparison.ts';
import * as convolution from './operators/convolution.ts';
import type { ConvOptions, TransposedConvolution } from './operators/convolution.ts';
import * as layout from './operators/layout.ts';
import * as linear from './operators/linear.ts';
import * as pooling from './operators/pooling.ts';
import type { PoolOptions } from './operators/pooling.ts';
import * as reduction from './operators/reduction.ts';
import type { Axes, KeepDims, NormOptions } from './operators/reduction.ts';
import * as search from './operators/search.ts';
import type { Ordered, QuantileOptions, SortOptions, TopKOptions } from './operators/search.ts';
import * as selection from './operators/selection.ts';
import { pair, windowOf } from './operators/window.ts';
import { elementCount, normaliseAxes, normaliseAxis, showShape, TensorError, type Shape } from './shape.ts';

/**
 * A symbolic tensor: an expression, not numbers. Operators build larger expressions and check shapes immediately; nothing is computed until
 * the graph runs. Element-wise operators broadcast as in NumPy; a plain number takes the tensor's dtype; reductions are over the last axis
 * unless axes are given.
 */
export class Tensor implements Operand {
  readonly dtype: DType;
  /** @internal */
  readonly origin: Origin;
  readonly #shape: Shape | undefined;

  /** @internal */
  constructor(origin: Origin, { shape, dtype }: Inferred) {
    this.origin = origin;
    this.#shape = shape;
    this.dtype = dtype;
  }

  /** @throws TensorError when the shape is unknown, which only happens after an opaque operator. */
  get shape(): Shape {
    return this.#shape ?? unknownShape(this.origin);
  }

  get hasShape(): boolean {
    return this.#shape !== undefined;
  }

  /** this + other */
  add(other: Tensor | number): Tensor {
    return apply(arithmetic.add, [this, this.#operand(other)], {});
  }

  /** this − other */
  sub(other: Tensor | number): Tensor {
    return apply(arithmetic.sub, [this, this.#operand(other)], {});
  }

  /** this · other, element by element */
  mul(other: Tensor | number): Tensor {
    return apply(arithmetic.mul, [this, this.#operand(other)], {});
  }

  /** this / other, element by element */
  div(other: Tensor | number): Tensor {
    return apply(arithmetic.div, [this, this.#operand(other)], {});
  }

  /** min(this, other), element by element */
  minimum(other: Tensor | number): Tensor {
    return apply(arithmetic.minimum, [this, this.#operand(other)], {});
  }

  /** max(this, other), element by element */
  maximum(other: Tensor | number): Tensor {
    return apply(arithmetic.maximum, [this, this.#operand(other)], {});
  }

  /** this to the power of the exponent, element by element */
  pow(exponent: Tensor | number): Tensor {
    return apply(arithmetic.pow, [this, this.#operand(exponent)], {});
  }

  /** −x */
  neg(): Tensor {
    return apply(arithmetic.neg, [this], {});
  }

  /** eˣ */
  exp(): Tensor {
    return apply(arithmetic.exp, [this], {});
  }

  /** ln x */
  log(): Tensor {
    return apply(arithmetic.log, [this], {});
  }

  /** |x| */
  abs(): Tensor {
    return apply(arithmetic.abs, [this], {});
  }

  /** −1, 0 or 1. For ODIN's sign, which is 1 at 0, see `signOf`. */
  sign(): Tensor {
    return apply(arithmetic.sign, [this], {});
  }

  /** √x */
  sqrt(): Tensor {
    return apply(arithmetic.sqrt, [this], {});
  }

  /** 1 / (1 + e⁻ˣ) */
  sigmoid(): Tensor {
    return apply(activation.sigmoid, [this], {});
  }

  /** tanh x */
  tanh(): Tensor {
    return apply(activation.tanh, [this], {});
  }

  /** 2/√π · ∫₀ˣ exp(−t²) dt; computed in float32 even if this is float64. */
  erf(): Tensor {
    return apply(arithmetic.erf, [this], {});
  }

  /** max(x, 0) */
  relu(): Tensor {
    return apply(activation.relu, [this], {});
  }

  /** min(max(x, low), high) */
  clip(low: number, high: number): Tensor {
    return apply(activation.clip, [this], { low, high, dtype: this.dtype });
  }

  /** The same values in another dtype. */
  cast(to: DType): Tensor {
    return to === this.dtype ? this : apply(layout.cast, [this], { to });
  }

  /** This, but treated as a constant by gradients. It adds nothing to the graph. */
  detach(): Tensor {
    return isFloat(this.dtype) ? apply(layout.detach, [this], {}) : this;
  }

  /** Σ x over the axes. */
  sum(axes: Axes = -1, { keepDims = false }: KeepDims = {}): Tensor {
    return apply(reduction.sum, [this], { axes: this.#axes('ReduceSum', axes), keepDims });
  }

  /** The mean of x over the axes. */
  mean(axes: Axes = -1, { keepDims = false }: KeepDims = {}): Tensor {
    return apply(reduction.mean, [this], { axes: this.#axes('ReduceMean', axes), keepDims });
  }

  /** The maximum of x over the axes. A NaN that is not the first of its row may be lost. */
  max(axes: Axes = -1, { keepDims = false }: KeepDims = {}): Tensor {
    return apply(reduction.max, [this], { axes: this.#axes('ReduceMax', axes), keepDims });
  }

  /** The minimum of x over the axes. A NaN that is not the first of its row may be lost. */
  min(axes: Axes = -1, { keepDims = false }: KeepDims = {}): Tensor {
    return apply(reduction.min, [this], { axes: this.#axes('ReduceMin', axes), keepDims });
  }

  /** √(Σ (x − μ)² / n) over the axes: the population standard deviation of the n elements. */
  std(axes: Axes = -1, keep: KeepDims = {}): Tensor {
    return reduction.std(this, axes, keep);
  }

  /** (Σ |x|ᵖ)^(1/p) over the axes, p = 2 by default. Its derivative is 0 where all elements are 0. */
  norm(axes: Axes = -1, options: NormOptions = {}): Tensor {
    return reduction.norm(this, axes, options);
  }

  /** Cumulative sums of x along the axis, each including its own element. */
  cumSum(axis = -1): Tensor {
    return apply(reduction.cumSum, [this], { axis: this.#axis('CumSum', axis), fromLast: false });
  }

  /** The position of the maximum along the axis, int64; the first of equals. */
  argMax(axis = -1): Tensor {
    return apply(reduction.argMax, [this], { axis: this.#axis('ArgMax', axis) });
  }

  /** log Σ exp(x) over the axis, without overflow: the maximum is subtracted first. */
  logSumExp(axis = -1): Tensor {
    const shifted = this.sub(this.max(axis, { keepDims: true }));
    return shifted.exp().sum(axis).log().add(this.max(axis));
  }

  /** exp(x) / Σ exp(x) over the axis, without overflow. */
  softmax(axis = -1): Tensor {
    const e = this.sub(this.max(axis, { keepDims: true })).exp();
    return e.div(e.sum(axis, { keepDims: true }));
  }

  /** The k largest elements along the axis, in descending order; equal elements keep their order. NaN counts as +∞. */
  topK(k: number, axis = -1, options: TopKOptions = {}): Ordered {
    return search.topK(this, { k, axis: this.#axis('TopK', axis), largest: true, ...options });
  }

  /** The elements along the axis in ascending order; a stable sort. NaN counts as +∞. */
  sort(axis = -1, options: SortOptions = {}): Ordered {
    return search.sort(this, this.#axis('sort', axis), options);
  }

  /**
   * The quantile q (0 to 1) of the elements along the axis, as NumPy and PyTorch compute it: the element at position (n − 1) · q of the n
   * sorted elements; between two positions, the linear interpolation, or the lower or higher element. NaN if any element is NaN.
   */
  quantile(q: number, axis = -1, options: QuantileOptions = {}): Tensor {
    return search.quantile(this, q, this.#axis('quantile', axis), options);
  }

  /** Axes in another order: axis i of the result is axis perm[i] of this. */
  transpose(...perm: number[]): Tensor {
    return apply(layout.transpose, [this], { perm });
  }

  /** x · weightᵀ + bias; x (N, D), weight (K, D), bias (K) → (N, K). */
  linear(weight: Tensor, bias: Tensor): Tensor {
    return apply(linear.linear, [this, weight, bias], {});
  }

  /** Matrix product over the last two axes, (…, N, M) · (…, M, P) → (…, N, P). */
  matmul(other: Tensor): Tensor {
    return apply(linear.matmul, [this, other], {});
  }

  /** Convolution; x (N, C, H, W), weight (O, C / groups, kH, kW), bias (O) → (N, O, H′, W′). Computed in float32 even if this is float64. */
  conv(weight: Tensor, { bias, groups = 1, ...window }: ConvOptions = {}): Tensor {
    return apply(convolution.conv, bias ? [this, weight, bias] : [this, weight], {
      ...windowOf(window),
      group: groups,
    });
  }

  /** The adjoint of a convolution, in ONNX's terms; (N, O, H′, W′), weight (O, C / group, kH, kW) → (N, C, H, W). */
  convTranspose(weight: Tensor, settings: TransposedConvolution): Tensor {
    return apply(convolution.convTranspose, [this, weight], settings);
  }

  /** The maximum under a window, (N, C, H, W) → (N, C, H′, W′); padding never wins. */
  maxPool({ kernel, stride = kernel, ...window }: PoolOptions): Tensor {
    return apply(pooling.maxPool, [this], { ...windowOf({ stride, ...window }), kernel_shape: pair(kernel) });
  }

  /** this = other, element by element, bool */
  equal(other: Tensor | number): Tensor {
    return apply(comparison.equal, [this, this.#operand(other)], {});
  }

  /** this > other, element by element, bool */
  greater(other: Tensor | number): Tensor {
    return apply(comparison.greater, [this, this.#operand(other)], {});
  }

  /** this ≥ other, element by element, bool */
  greaterOrEqual(other: Tensor | number): Tensor {
    return apply(comparison.greaterOrEqual, [this, this.#operand(other)], {});
  }

  /** this < other, element by element, bool */
  less(other: Tensor | number): Tensor {
    return apply(comparison.less, [this, this.#operand(other)], {});
  }

  /** this ≤ other, element by element, bool */
  lessOrEqual(other: Tensor | number): Tensor {
    return apply(comparison.lessOrEqual, [this, this.#operand(other)], {});
  }

  /** a where this, a bool, is true, b elsewhere; element by element. */
  where(a: Tensor | number, b: Tensor | number): Tensor {
    const dtype = [a, b].find((each) => typeof each !== 'number')?.dtype ?? 'float32';
    const operands = [a, b].map((each) => (typeof each === 'number' ? constant(scalar(each, dtype)) : each));
    return apply(comparison.where, [this, ...operands], {});
  }

  /** Elements `start`, `start` + `step`, … before `end` along an axis; all count from the front. */
  slice(axis: number, start: number, end: number, step = 1): Tensor {
    return apply(selection.slice, [this], { axes: [axis], starts: [start], ends: [end], steps: [step] });
  }

  /** Adds `value` before and after the elements of an axis; a negative count removes elements. */
  pad(axis: number, before: number, behind: number, value = 0): Tensor {
    const counts = (own: number) => this.shape.map((_, each) => (each === axis ? own : 0));
    return apply(selection.pad, [this], { pads: [...counts(before), ...counts(behind)], value, dtype: this.dtype });
  }

  /** The same elements in another shape; at most one size may be a name, whose value follows from the others. */
  reshape(shape: Shape): Tensor {
    return apply(layout.reshape, [this], { shape });
  }

  /** All elements in one axis. */
  flatten(): Tensor {
    return this.reshape([elementCount(this.shape)]);
  }

  /** Inserts axes of size 1 at the positions `axes` of the result. */
  unsqueeze(axes: readonly number[]): Tensor {
    return apply(layout.unsqueeze, [this], { axes });
  }

  /** Broadcast to the shape of another tensor. */
  expandAs(other: Tensor): Tensor {
    return apply(layout.expand, [this, apply(layout.shapeOf, [other], {})], { shape: other.shape });
  }

  /** A tensor of this shape and dtype, filled with a number. */
  filled(value: number): Tensor {
    return constant(scalar(value, this.dtype)).expandAs(this);
  }

  /** The elements along `axes` (counted from the front) in the opposite order. */
  reverse(axes: readonly number[]): Tensor {
    return apply(layout.reverse, [this], { axes });
  }

  /** The elements at indices along an axis, given as a tensor (int64 or int32) or as numbers; that axis is replaced by the axes of the indices. */
  gather(indices: Tensor | readonly number[], axis: number): Tensor {
    const own = this.#axis('Gather', axis);
    const taken = 'origin' in indices ? indices : constant(selection.indicesAlong(own, this, indices));
    return apply(selection.gather, [this, taken], { axis: own });
  }

  /** The elements of each row at that row's own indices, such as those of `topK`: (N, D) at (N, k) → (N, k). */
  takeAlong(indices: Tensor, axis = -1): Tensor {
    return apply(selection.takeAlong, [this, indices], { axis: this.#axis('GatherElements', axis) });
  }

  /** This with values put at each row's own indices, which must be distinct within a row: (N, D), both (N, k) → (N, D). */
  putAlong(indices: Tensor, values: Tensor, axis = -1): Tensor {
    return apply(selection.putAlong, [this, indices, values], { axis: this.#axis('ScatterElements', axis) });
  }

  /** Like `putAlong`, but adds to the existing values; an index may occur more than once. */
  scatterAdd(indices: Tensor, updates: Tensor, axis = -1): Tensor {
    return apply(selection.scatterAdd, [this, indices, updates], { axis: this.#axis('ScatterElements', axis) });
  }

  /** @internal The result of an operator whose first operand is this. For files that this one imports, which cannot import it. */
  apply<A>(operator: Operator<A>, attributes: A, others: readonly Tensor[] = []): Tensor {
    return apply(operator, [this, ...others], attributes);
  }

  /** @internal A constant to combine with this; for the same files. */
  constant(array: NDArray): Tensor {
    return constant(array);
  }

  /** A further result of the operation whose first result this is; the second has the index 1. */
  result(index: number, as: Inferred): Tensor {
    return new Tensor({ kind: 'result', of: this, index }, as);
  }

  #operand(other: Tensor | number): Tensor {
    return typeof other === 'number' ? constant(scalar(other, this.dtype)) : other;
  }

  #axis(operator: string, axis: number): number {
    return normaliseAxis(operator, axis, this.shape);
  }

  #axes(operator: string, axes: Axes): readonly number[] {
    return normaliseAxes(operator, [axes].flat(), this.shape);
  }
}

/** An input of the graph, whose value is given when it runs. */
export const input = (name: string, shape: Shape, dtype: DType = 'float32'): Tensor =>
  new Tensor({ kind: 'input', name }, { shape, dtype });

/** A constant; `name` is its name in the written graph. An array of zeros and ones may be given the dtype bool. */
export function constant(array: NDArray, name?: string, dtype: DType = dtypeOf(array.data)): Tensor {
  const { data, shape } = array;
  if (data.length !== shape.reduce((product, size) => product * size, 1)) {
    throw new TensorError(`constant: ${data.length} elements do not fill the shape ${showShape(shape)}`);
  }
  return new Tensor({ kind: 'constant', array, name }, { shape, dtype });
}

/** One use of an operator. */
export function apply<A>(operator: Operator<A>, inputs: readonly Tensor[], attributes: A): Tensor {
  return new Tensor({ kind: 'operation', operator, inputs, attributes }, operator.infer(inputs, attributes));
}
