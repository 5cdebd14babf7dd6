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
export { firstLargest, type Axes, type KeepDims } from './operators/reduction.ts';
export type { Dimension, Shape } from './shape.ts';
export { TensorError } from './shape.ts';
export { constant, input, type Tensor } from './tensor.ts';
