/**
 * Symbolic tensors: operators, shapes, gradients.
 *
 * @packageDocumentation
 */

export { foldBatchNorm, type BatchNorm } from './fold-batch-norm.ts';
export { firstLargest } from './first-largest.ts';
export { grad } from './grad.ts';
export { belowZero, notFinite } from './not-finite.ts';
export { dtypeOf, type DType, type NDArray, type TypedArray } from './nd-array.ts';
export { fromFloat16, toFloat16 } from './half-precision.ts';
export type { Dimension, Shape } from './shape.ts';
export { signOf } from './sign-of.ts';
export type { Axes, KeepDims } from './operators/reduction.ts';
export { constant, input, type Tensor } from './tensor.ts';
export { TensorError } from './tensor-error.ts';
