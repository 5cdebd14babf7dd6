/**
 * ONNX graphs: tensors written as a model, and models read as tensors.
 *
 * @packageDocumentation
 */

export type { OnnxValue } from './by-name.ts';
export type { ReadExternal } from './encoding.ts';
export type { OnnxNode } from './nodes.ts';
export { OnnxError } from './onnx-error.ts';
export { readOnnx, type OnnxModel } from './read.ts';
export { replaceInOnnx, tableInOnnx, type OnnxReplacements, type OnnxTable } from './replace.ts';
export { onnxOperator, type OnnxOperatorOptions } from './trace.ts';
export type { Sizes } from './graph-writer.ts';
export { writeOnnx, writeOnnxParts, type ModelForm } from './write.ts';
