import { TensorError } from './tensor-error.ts';

/** The element types that tensors have here. */
export type DType = 'float32' | 'float64' | 'int32' | 'int64' | 'uint8' | 'bool';

/** The arrays that hold elements; a bool array is a Uint8Array of zeros and ones and needs its dtype said. */
export type TypedArray = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array;

/** Concrete numbers: row-major elements and a shape; a scalar has the shape []. */
export interface NDArray {
  readonly data: TypedArray;
  readonly shape: readonly number[];
}

/** The dtype whose elements a typed array holds. */
export function dtypeOf(data: TypedArray): DType {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Float64Array) return 'float64';
  if (data instanceof Int32Array) return 'int32';
  return data instanceof BigInt64Array ? 'int64' : 'uint8';
}

/** The whole numbers that a dtype can hold and that a number here can be. */
const ranges: Partial<Record<DType, readonly [number, number]>> = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  uint8: [0, 255],
  bool: [0, 1],
};

/** A scalar of a dtype; a TensorError when the dtype cannot hold the value. */
export function scalar(value: number, dtype: DType): NDArray {
  const [low, high] = ranges[dtype] ?? [];
  if (low !== undefined && !(Number.isInteger(value) && value >= low && value <= high!)) {
    throw new TensorError(`${value} is no ${dtype}; cast the tensor it is combined with`);
  }
  return { data: typedArrays[dtype]([value]), shape: [] };
}

const typedArrays: Record<DType, (values: readonly number[]) => TypedArray> = {
  float32: (values) => Float32Array.from(values),
  float64: (values) => Float64Array.from(values),
  int32: (values) => Int32Array.from(values),
  int64: (values) => BigInt64Array.from(values, BigInt),
  uint8: (values) => Uint8Array.from(values),
  bool: (values) => Uint8Array.from(values),
};

/** Numbers as elements of a dtype. */
export const arrayOf = (values: readonly number[], shape: readonly number[], dtype: DType): NDArray => ({
  data: typedArrays[dtype](values),
  shape,
});

/** A list of whole numbers as ONNX wants axes and shapes: int64, shape (values). */
export const int64 = (values: readonly number[]): NDArray => arrayOf(values, [values.length], 'int64');

/** An int64 as a number; one that no number here can be only ever means "to the end", and becomes the nearest that can. */
export const whole = (value: bigint): number =>
  Math.min(Math.max(Number(value), Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
