/**
 * Symbolic tensors: operators, shapes, gradients, ONNX reading and writing.
 *
 * @packageDocumentation
 */

export { foldBatchNorm, type BatchNorm } from './fold-batch-norm.ts';
export { firstLargest } from './first-largest.ts';
export { grad } from './grad.ts';
export { belowZero, notFinite } from './not-finite.ts';
export { dtypeOf, type DType, type NDArray, type TypedArray } from './nd-array.ts';
export { fromFloat16, toFloat16 } from './onnx/half-precision.ts';
export { OnnxError } from './onnx/onnx-error.ts';
export type { OnnxNode } from './onnx/onnx-node.ts';
export { onnxOperator, type OnnxOperatorOptions } from './onnx/onnx-operator.ts';
export type { OnnxValue } from './onnx/pass-through.ts';
export { readOnnx, type OnnxModel } from './onnx/read-onnx.ts';
export type { ReadExternal } from './onnx/read-tensor.ts';
export { writeOnnx, writeOnnxParts } from './onnx/write-onnx.ts';
export type { Dimension, Shape } from './shape.ts';
export { signOf } from './sign-of.ts';
export type { Axes, KeepDims } from './operators/reduction.ts';
export { constant, input, type Tensor } from './tensor.ts';
export { TensorError } from './tensor-error.ts';
