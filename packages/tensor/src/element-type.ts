import type { DType } from './nd-array.ts';

/** The number by which ONNX names an element type (TensorProto.DataType). */
export const elementType = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float64: 11,
  uint32: 12,
  uint64: 13,
} as const satisfies Record<DType, number>;

/** Whether an element type of ONNX is half precision, which is read as single precision: float16 and bfloat16. */
export const isHalf = (type: number): boolean => type === 10 || type === 16;

/** The dtype here that an element type of ONNX is read as; undefined for those that have none. */
export function dtypeFor(type: number): DType | undefined {
  if (isHalf(type)) return 'float32';
  return (Object.keys(elementType) as DType[]).find((dtype) => elementType[dtype] === type);
}
