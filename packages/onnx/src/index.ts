/**
 * ONNX graphs: tensors written as a model, and models read as tensors.
 *
 * @packageDocumentation
 */

export { OnnxError } from './onnx-error.ts';
export type { OnnxNode } from './onnx-node.ts';
export { onnxOperator, type OnnxOperatorOptions } from './onnx-operator.ts';
export type { OnnxValue } from './pass-through.ts';
export { readOnnx, type OnnxModel } from './read-onnx.ts';
export type { ReadExternal } from './read-tensor.ts';
export { writeOnnx, writeOnnxParts } from './write-onnx.ts';
