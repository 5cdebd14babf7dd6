import { TensorError } from './tensor-error.ts';

/** The element types that tensors have here. */
export type DType =
  | ('float32' | 'float64' | 'int32' | 'int64' | 'uint8' | 'bool')
  /** What only networks out of files have, quantised ones above all. */
  | ('int8' | 'int16' | 'uint16' | 'uint32' | 'uint64');

/** Whether its elements are fractions. */
export const isFloat = (dtype: DType): boolean => dtype === 'float32' || dtype === 'float64';

/** The arrays that hold elements; a bool array is a Uint8Array of zeros and ones and needs its dtype said. */
export type TypedArray =
  | (Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array)
  | (Int8Array | Int16Array | Uint16Array | Uint32Array | BigUint64Array);

/** Concrete numbers: row-major elements and a shape; a scalar has the shape []. */
export interface NDArray {
  readonly data: TypedArray;
  readonly shape: readonly number[];
}

/** The dtype whose elements a typed array holds. */
export function dtypeOf(data: TypedArray): DType {
  const [dtype] = Object.entries(arrays).find(([, kind]) => data instanceof kind) ?? ['uint8'];
  return dtype as DType;
}

/** The whole numbers that a dtype can hold and that a number here can be. */
const ranges: Partial<Record<DType, readonly [number, number]>> = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  uint8: [0, 255],
  int8: [-128, 127],
  int16: [-(2 ** 15), 2 ** 15 - 1],
  uint16: [0, 2 ** 16 - 1],
  uint32: [0, 2 ** 32 - 1],
  uint64: [0, Number.MAX_SAFE_INTEGER],
  bool: [0, 1],
};

/** A scalar of a dtype; a TensorError when the dtype cannot hold the value. */
export function scalar(value: number, dtype: DType): NDArray {
  const [low, high] = ranges[dtype] ?? [];
  if (low !== undefined && !(Number.isInteger(value) && value >= low && value <= high!)) {
    throw new TensorError(`${value} is no ${dtype}; cast the tensor it is combined with`);
  }
  return { data: filled(dtype, [value]), shape: [] };
}

/** The array that holds the elements of a dtype, the usual one first where two hold the same. */
const arrays = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  bool: Uint8Array,
  int8: Int8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
} satisfies Record<DType, { readonly from: unknown }>;

function filled(dtype: DType, values: readonly number[]): TypedArray {
  const kind = arrays[dtype];
  if (kind === BigInt64Array || kind === BigUint64Array) return kind.from(values.map(BigInt));
  return (kind as Float32ArrayConstructor).from(values);
}

/** Numbers as elements of a dtype. */
export const arrayOf = (values: readonly number[], shape: readonly number[], dtype: DType): NDArray => ({
  data: filled(dtype, values),
  shape,
});

/** A list of whole numbers as ONNX wants axes and shapes: int64, shape (values). */
export const int64 = (values: readonly number[]): NDArray => arrayOf(values, [values.length], 'int64');

/** An int64 as a number; one that no number here can be only ever means "to the end", and becomes the nearest that can. */
export const whole = (value: bigint): number =>
  Math.min(Math.max(Number(value), Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
