import { dtypeOf, scalar, type DType, type NDArray } from './nd-array.ts';
import type { Operand, Operator } from './operator.ts';
import { add } from './operators/add.ts';
import { argMax } from './operators/arg-max.ts';
import { cast } from './operators/cast.ts';
import { clip } from './operators/clip.ts';
import { conv } from './operators/conv.ts';
import { convTranspose, type TransposedConvolution } from './operators/conv-transpose.ts';
import { div } from './operators/div.ts';
import { equal } from './operators/equal.ts';
import { exp } from './operators/exp.ts';
import { expand } from './operators/expand.ts';
import { greaterOrEqual } from './operators/greater-or-equal.ts';
import { greater } from './operators/greater.ts';
import { lessOrEqual } from './operators/less-or-equal.ts';
import { less } from './operators/less.ts';
import { linear } from './operators/linear.ts';
import { log } from './operators/log.ts';
import { matmul } from './operators/matmul.ts';
import { maxPool } from './operators/max-pool.ts';
import { max } from './operators/max.ts';
import { mean } from './operators/mean.ts';
import { minimum } from './operators/minimum.ts';
import { mul } from './operators/mul.ts';
import { neg } from './operators/neg.ts';
import { relu } from './operators/relu.ts';
import { reshape } from './operators/reshape.ts';
import { reverse } from './operators/reverse.ts';
import { scatterAdd } from './operators/scatter-add.ts';
import { shapeOf } from './operators/shape-of.ts';
import { sub } from './operators/sub.ts';
import { sum } from './operators/sum.ts';
import { transpose } from './operators/transpose.ts';
import { unsqueeze } from './operators/unsqueeze.ts';
import { pair, windowOf, type Pair, type WindowOptions } from './operators/window.ts';
import { elementCount, normaliseAxes, normaliseAxis, showShape, type Shape } from './shape.ts';
import { TensorError } from './tensor-error.ts';

/** Where a tensor comes from: the graph's input, numbers that are known, or an operator applied to other tensors. */
export type Origin =
  | { readonly kind: 'input'; readonly name: string }
  | { readonly kind: 'constant'; readonly array: NDArray; readonly name: string | undefined }
  | {
      readonly kind: 'operation';
      readonly operator: Operator;
      readonly inputs: readonly Tensor[];
      readonly attributes: unknown;
    }
  /** The second result of an operation, whose first is `of`. */
  | { readonly kind: 'second'; readonly of: Tensor };

/** How a convolution moves, and over which groups of channels. */
export interface ConvOptions extends WindowOptions {
  /** (O) */
  readonly bias?: Tensor;
  readonly groups?: number;
}

/** How a pooling window moves; by its own size where nothing is said. */
export interface PoolOptions extends WindowOptions {
  readonly kernel: number | Pair;
}

/** One axis or several, negative ones counted from the end. */
export type Axes = number | readonly number[];

/** Whether reduced axes stay, with size 1. */
export interface KeepDims {
  readonly keepDims?: boolean;
}

/**
 * A symbolic tensor: an expression, not numbers. Operators build larger expressions and check shapes at once; nothing
 * is computed until a graph of them runs. Element-wise operators broadcast as numpy does; a plain number takes the
 * tensor's dtype; reductions are over the last axis unless axes are given.
 */
export class Tensor implements Operand {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly origin: Origin;

  constructor(origin: Origin, { shape, dtype }: Operand) {
    this.origin = origin;
    this.shape = shape;
    this.dtype = dtype;
  }

  /** this + other */
  add(other: Tensor | number): Tensor {
    return apply(add, [this, this.#operand(other)], {});
  }

  /** this − other */
  sub(other: Tensor | number): Tensor {
    return apply(sub, [this, this.#operand(other)], {});
  }

  /** this · other, element by element */
  mul(other: Tensor | number): Tensor {
    return apply(mul, [this, this.#operand(other)], {});
  }

  /** this / other, element by element */
  div(other: Tensor | number): Tensor {
    return apply(div, [this, this.#operand(other)], {});
  }

  /** min(this, other), element by element */
  minimum(other: Tensor | number): Tensor {
    return apply(minimum, [this, this.#operand(other)], {});
  }

  /** −x */
  neg(): Tensor {
    return apply(neg, [this], {});
  }

  /** eˣ */
  exp(): Tensor {
    return apply(exp, [this], {});
  }

  /** ln x */
  log(): Tensor {
    return apply(log, [this], {});
  }

  /** max(x, 0) */
  relu(): Tensor {
    return apply(relu, [this], {});
  }

  /** min(max(x, low), high) */
  clip(low: number, high: number): Tensor {
    return apply(clip, [this], { low, high });
  }

  /** The same values in another dtype. */
  cast(to: DType): Tensor {
    return to === this.dtype ? this : apply(cast, [this], { to });
  }

  /** Σ x over the axes. */
  sum(axes: Axes = -1, { keepDims = false }: KeepDims = {}): Tensor {
    return apply(sum, [this], { axes: this.#axes('ReduceSum', axes), keepDims });
  }

  /** The mean of x over the axes. */
  mean(axes: Axes = -1, { keepDims = false }: KeepDims = {}): Tensor {
    return apply(mean, [this], { axes: this.#axes('ReduceMean', axes), keepDims });
  }

  /** The maximum of x over the axes. A NaN that is not the first of its row may be lost. */
  max(axes: Axes = -1, { keepDims = false }: KeepDims = {}): Tensor {
    return apply(max, [this], { axes: this.#axes('ReduceMax', axes), keepDims });
  }

  /** Where along the axis the maximum is, int64; the first of equals. */
  argMax(axis = -1): Tensor {
    return apply(argMax, [this], { axis: normaliseAxis('ArgMax', axis, this.shape) });
  }

  /** log Σ exp(x) over the axis, without overflow: the maximum is taken out first. */
  logSumExp(axis = -1): Tensor {
    const shifted = this.sub(this.max(axis, { keepDims: true }));
    return shifted.exp().sum(axis).log().add(this.max(axis));
  }

  /** exp(x) / Σ exp(x) over the axis, without overflow. */
  softmax(axis = -1): Tensor {
    const e = this.sub(this.max(axis, { keepDims: true })).exp();
    return e.div(e.sum(axis, { keepDims: true }));
  }

  /** Axes in another order: axis i of the result is axis perm[i] of this. */
  transpose(...perm: number[]): Tensor {
    return apply(transpose, [this], { perm });
  }

  /** x · weightᵀ + bias; x (N, D), weight (K, D), bias (K) → (N, K). */
  linear(weight: Tensor, bias: Tensor): Tensor {
    return apply(linear, [this, weight, bias], {});
  }

  /** Matrix product over the last two axes, (…, N, M) · (…, M, P) → (…, N, P). */
  matmul(other: Tensor): Tensor {
    return apply(matmul, [this, other], {});
  }

  /** Convolution; x (N, C, H, W), weight (O, C / groups, kH, kW), bias (O) → (N, O, H′, W′). */
  conv(weight: Tensor, { bias, groups = 1, ...window }: ConvOptions = {}): Tensor {
    return apply(conv, bias ? [this, weight, bias] : [this, weight], { ...windowOf(window), group: groups });
  }

  /** The adjoint of a convolution, in ONNX's words; (N, O, H′, W′), weight (O, C / group, kH, kW) → (N, C, H, W). */
  convTranspose(weight: Tensor, settings: TransposedConvolution): Tensor {
    return apply(convTranspose, [this, weight], settings);
  }

  /** The maximum under a window, (N, C, H, W) → (N, C, H′, W′); padding never wins. */
  maxPool({ kernel, stride = kernel, ...window }: PoolOptions): Tensor {
    return apply(maxPool, [this], { ...windowOf({ stride, ...window }), kernel_shape: pair(kernel) });
  }

  /** this = other, element by element, bool */
  equal(other: Tensor | number): Tensor {
    return apply(equal, [this, this.#operand(other)], {});
  }

  /** this > other, element by element, bool */
  greater(other: Tensor | number): Tensor {
    return apply(greater, [this, this.#operand(other)], {});
  }

  /** this ≥ other, element by element, bool */
  greaterOrEqual(other: Tensor | number): Tensor {
    return apply(greaterOrEqual, [this, this.#operand(other)], {});
  }

  /** this < other, element by element, bool */
  less(other: Tensor | number): Tensor {
    return apply(less, [this, this.#operand(other)], {});
  }

  /** this ≤ other, element by element, bool */
  lessOrEqual(other: Tensor | number): Tensor {
    return apply(lessOrEqual, [this, this.#operand(other)], {});
  }

  /** The same elements in another shape; at most one size is a name, and takes what is left. */
  reshape(shape: Shape): Tensor {
    return apply(reshape, [this], { shape });
  }

  /** The same elements in the shape of another tensor, also when several of its sizes are known only when the graph runs. */
  reshapeAs(other: Tensor): Tensor {
    return this.reshape(other.shape);
  }

  /** All elements in one axis. */
  flatten(): Tensor {
    return this.reshape([elementCount(this.shape)]);
  }

  /** New axes of size 1, where the result has `axes`. */
  unsqueeze(axes: readonly number[]): Tensor {
    return apply(unsqueeze, [this], { axes });
  }

  /** Stretched to the shape of another tensor. */
  expandAs(other: Tensor): Tensor {
    return apply(expand, [this, apply(shapeOf, [other], {})], { shape: other.shape });
  }

  /** The elements along `axes` (counted from the front) in the opposite order. */
  reverse(axes: readonly number[]): Tensor {
    return apply(reverse, [this], { axes });
  }

  /** This with `updates` added at `indices`; all of one axis. */
  scatterAdd(indices: Tensor, updates: Tensor): Tensor {
    return apply(scatterAdd, [this, indices, updates], {});
  }

  /** The second result of the operation that this is the first result of, of the same shape. */
  secondOutput(dtype: DType): Tensor {
    return new Tensor({ kind: 'second', of: this }, { shape: this.shape, dtype });
  }

  #operand(other: Tensor | number): Tensor {
    return typeof other === 'number' ? constant(scalar(other, this.dtype)) : other;
  }

  #axes(operator: string, axes: Axes): readonly number[] {
    return normaliseAxes(operator, [axes].flat(), this.shape);
  }
}

/** An input of the graph, fed when it runs. */
export const input = (name: string, shape: Shape, dtype: DType = 'float32'): Tensor =>
  new Tensor({ kind: 'input', name }, { shape, dtype });

/** Numbers that are known already; `name` is what the written graph calls them. */
export function constant(array: NDArray, name?: string): Tensor {
  const { data, shape } = array;
  if (data.length !== shape.reduce((product, size) => product * size, 1)) {
    throw new TensorError(`constant: ${data.length} elements do not fill the shape ${showShape(shape)}`);
  }
  return new Tensor({ kind: 'constant', array, name }, { shape, dtype: dtypeOf(data) });
}

function apply<A>(operator: Operator<A>, inputs: readonly Tensor[], attributes: A): Tensor {
  return new Tensor({ kind: 'operation', operator, inputs, attributes }, operator.infer(inputs, attributes));
}
