import { dtypeOf, scalar, type DType, type NDArray } from './nd-array.ts';
import type { Operand, Operator } from './operator.ts';
import { add } from './operators/add.ts';
import { argMax } from './operators/arg-max.ts';
import { cast } from './operators/cast.ts';
import { clip } from './operators/clip.ts';
import { conv, type Convolution } from './operators/conv.ts';
import { div } from './operators/div.ts';
import { exp } from './operators/exp.ts';
import { linear } from './operators/linear.ts';
import { log } from './operators/log.ts';
import { maxPool, type Pooling } from './operators/max-pool.ts';
import { max } from './operators/max.ts';
import { mean } from './operators/mean.ts';
import { minimum } from './operators/minimum.ts';
import { mul } from './operators/mul.ts';
import { relu } from './operators/relu.ts';
import { sub } from './operators/sub.ts';
import { sum } from './operators/sum.ts';
import { transpose } from './operators/transpose.ts';
import { normaliseAxes, normaliseAxis, showShape, type Shape } from './shape.ts';
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
    };

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

  /** Convolution; x (N, C, H, W), weight (O, C / groups, kH, kW), bias (O) → (N, O, H′, W′). */
  conv(
    weight: Tensor,
    { bias, stride = 1, padding = 0, groups = 1 }: Partial<Convolution> & { readonly bias?: Tensor } = {},
  ): Tensor {
    return apply(conv, bias ? [this, weight, bias] : [this, weight], { stride, padding, groups });
  }

  /** The maximum under a square window, (N, C, H, W) → (N, C, H′, W′); padding never wins. */
  maxPool({ kernel, stride = kernel, padding = 0 }: Partial<Pooling> & Pick<Pooling, 'kernel'>): Tensor {
    return apply(maxPool, [this], { kernel, stride, padding });
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
