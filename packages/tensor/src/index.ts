export { foldBatchNorm, type BatchNorm } from './fold-batch-norm.ts';
export { grad } from './grad.ts';
export { dtypeOf, type DType, type NDArray, type TypedArray } from './nd-array.ts';
export { writeOnnx } from './onnx/write-onnx.ts';
export type { Dimension, Shape } from './shape.ts';
export { signOf } from './sign-of.ts';
export { constant, input, type Axes, type KeepDims, type Tensor } from './tensor.ts';
export { TensorError } from './tensor-error.ts';
