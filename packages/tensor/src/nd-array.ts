import { TensorError } from './shape.ts';

/** The supported element types of tensors. */
export type DType =
  | ('float32' | 'float64' | 'int32' | 'int64' | 'uint8' | 'bool')
  /** Only in networks loaded from files, mostly quantised ones. */
  | ('int8' | 'int16' | 'uint16' | 'uint32' | 'uint64');

/** Whether it is a floating-point type. */
export const isFloat = (dtype: DType): boolean => dtype === 'float32' || dtype === 'float64';

/** The arrays that hold elements; a bool array is a Uint8Array of zeros and ones, whose dtype must be given explicitly. */
export type TypedArray =
  | (Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array)
  | (Int8Array | Int16Array | Uint16Array | Uint32Array | BigUint64Array);

/** Concrete values: row-major elements and a shape; a scalar has the shape []. */
export interface NDArray {
  readonly data: TypedArray;
  readonly shape: readonly number[];
}

/** The dtype whose elements a typed array holds. */
export function dtypeOf(data: TypedArray): DType {
  const [dtype] = Object.entries(arrays).find(([, kind]) => data instanceof kind) ?? ['uint8'];
  return dtype as DType;
}

/** The range of integers that both the dtype and a JavaScript number can hold. */
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

/** A scalar of a dtype. @throws TensorError when the dtype cannot hold the value. */
export function scalar(value: number, dtype: DType): NDArray {
  const [low, high] = ranges[dtype] ?? [];
  if (low !== undefined && !(Number.isInteger(value) && value >= low && value <= high!)) {
    throw new TensorError(`${value} is not a valid ${dtype}; cast the tensor it is combined with`);
  }
  return { data: filled(dtype, [value]), shape: [] };
}

/** The array type of each dtype; if two dtypes share one, the usual dtype comes first. */
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

/** A list of integers as ONNX expects axes and shapes: int64, shape (values). */
export const int64 = (values: readonly number[]): NDArray => arrayOf(values, [values.length], 'int64');

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

/** Converts float16 numbers, given as bits, to float32; exact. */
export const fromFloat16 = (bits: Uint16Array): Float32Array => Float32Array.from(bits, float16);

/** Converts bfloat16 numbers, the upper halves of float32 numbers, to float32; exact. */
export const fromBfloat16 = (bits: Uint16Array): Float32Array =>
  new Float32Array(Uint32Array.from(bits, (half) => half << 16).buffer);

function float16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The bits of the nearest float16 numbers, ties to even; numbers that are too large become ∞. */
export const toFloat16 = (values: Float32Array): Uint16Array => Uint16Array.from(values, float16Bits);

function float16Bits(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(size)) return 0x7e00;
  const exponent = Math.max(Math.floor(Math.log2(size)), -14);
  const steps = size / 2 ** (exponent - 10);
  const [below, rest] = [Math.floor(steps), steps % 1];
  const nearest = below + (rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? 1 : 0);
  // Rounding up to the next power of two carries into the exponent automatically.
  const bits = size === Infinity ? Infinity : (exponent + 14) * 1024 + nearest;
  return sign | Math.min(bits, 0x7c00);
}

/**
 * Describes the non-finite numbers of an array, without a full stop: `2 of 6 numbers, the first is NaN at [1, 1]`; undefined if all are
 * finite. With `masks`, −∞ is allowed, since it may mask something, as in the bias of a class.
 */
export function notFinite(array: NDArray, { masks = false } = {}): string | undefined {
  if (areFinite(array)) return undefined;
  // x − x is NaN only for ∞ and NaN.
  return whereNot(array, (value) => value - value === 0 || (masks && value === -Infinity));
}

/** Takes a third of the time of locating them: ∞ and NaN times 0 are NaN, and so is the sum. */
function areFinite({ data }: NDArray): boolean {
  if (!(data instanceof Float32Array || data instanceof Float64Array)) return true;
  let sum = 0;
  // An iterator would take five times as long.
  for (let i = data.length - 1; i >= 0; i--) sum += data[i]! * 0;
  return sum === 0;
}

/** Describes the negative numbers of an array, such as an invalid variance, in the form of `notFinite`; undefined if there are none. */
export const belowZero = (array: NDArray): string | undefined => whereNot(array, (value) => !(value < 0));

function whereNot({ data, shape }: NDArray, isRight: (value: number) => boolean): string | undefined {
  if (!(data instanceof Float32Array || data instanceof Float64Array)) return undefined;
  let [count, first] = [0, -1];
  for (let i = 0; i < data.length; i++) {
    if (isRight(data[i]!)) continue;
    if (count++ === 0) first = i;
  }
  if (count === 0) return undefined;
  return `${count} of ${data.length} numbers, the first is ${data[first]!} at [${placeOf(first, shape).join(', ')}]`;
}

/** Converts an index into all elements to an index along each axis. */
function placeOf(index: number, shape: readonly number[]): number[] {
  let rest = index;
  return shape
    .map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1))
    .map((stride) => {
      const at = Math.floor(rest / stride);
      rest %= stride;
      return at;
    });
}
