import type { DType } from '../nd-array.ts';

/** The number by which ONNX names an element type (TensorProto.DataType). */
export const elementType = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
  float64: 11,
} as const satisfies Record<DType, number>;
