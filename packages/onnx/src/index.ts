/**
 * ONNX graphs: tensors written as a model, and models read as tensors.
 *
 * @packageDocumentation
 */

export { OnnxError } from './onnx-error.ts';
export type { OnnxNode } from './onnx-node.ts';
export { onnxOperator, type OnnxOperatorOptions } from './onnx-operator.ts';
export type { OnnxValue } from './by-name.ts';
export { readOnnx, type OnnxModel } from './read.ts';
export type { ReadExternal } from './encoding.ts';
export { writeOnnx, writeOnnxParts } from './write.ts';
