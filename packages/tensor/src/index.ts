/**
 * Symbolic tensors: operators, shapes, gradients.
 *
 * @packageDocumentation
 */

export { foldBatchNorm, type BatchNorm } from './fold-batch-norm.ts';
export { grad } from './grad.ts';
export {
  belowZero,
  dtypeOf,
  fromFloat16,
  notFinite,
  toFloat16,
  type DType,
  type NDArray,
  type TypedArray,
} from './nd-array.ts';
export type { Attributes, AttributeValue } from './operator.ts';
export { signOf } from './operators/comparison.ts';
export { outer } from './operators/linear.ts';
export { firstLargest, type Axes, type KeepDims, type NormOptions } from './operators/reduction.ts';
export {
  histogram,
  type Ordered,
  type QuantileOptions,
  type SortOptions,
  type TopKOptions,
} from './operators/search.ts';
export { concat } from './operators/selection.ts';
export type { Dimension, Shape } from './shape.ts';
export { TensorError } from './shape.ts';
export { constant, input, type Tensor } from './tensor.ts';
