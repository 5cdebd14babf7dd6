/** What the elements of a tensor become: float32, or int64 for BatchNorm's num_batches_tracked. */
export type Elements = Float32Array | BigInt64Array;

/** An element type as a file names it. */
export interface ElementType {
  /** PyTorch's name. */
  readonly name: string;
  /** Bytes of one element in the file. */
  readonly size: number;
  /** The elements in bytes of their own; absent for types that are known by name and size only. */
  readonly decode?: (bytes: ArrayBuffer) => Elements;
}

/** The bits of the float32 that a number of 16 bits becomes. */
type Widened = (bits: number) => number;

/**
 * float16 (IEEE 754 binary16: 1 sign, 5 exponent and 10 fraction bits) as the bits of the equal float32. Every number is
 * kept exactly, subnormal ones too. A NaN becomes a quiet one with its fraction kept, as PyTorch's `.float()` has it.
 */
const float16: Widened = (bits) => {
  const sign = (bits & 0x8000) << 16;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f800000 | (fraction && 0x400000 | (fraction << 13));
  if (exponent > 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  return sign | subnormal(fraction);
};

/** fraction · 2⁻²⁴, which is an ordinary number in float32. */
function subnormal(fraction: number): number {
  return new Int32Array(Float32Array.of(fraction * 2 ** -24).buffer)[0]!;
}

/** bfloat16: the upper half of a float32. */
const bfloat16: Widened = (bits) => bits << 16;

/**
 * The element types of PyTorch. Weights are float32 here whatever the file has: float16 and bfloat16 are widened to the equal
 * number, float64 is rounded to the nearest (ties to even; beyond float32's range to infinity), as PyTorch's `.float()` does.
 */
export const elementTypes = {
  float32: { name: 'float32', size: 4, decode: (bytes) => new Float32Array(bytes) },
  float16: { name: 'float16', size: 2, decode: widening(float16) },
  bfloat16: { name: 'bfloat16', size: 2, decode: widening(bfloat16) },
  float64: { name: 'float64', size: 8, decode: (bytes) => new Float32Array(new Float64Array(bytes)) },
  int64: { name: 'int64', size: 8, decode: (bytes) => new BigInt64Array(bytes) },
  int32: { name: 'int32', size: 4 },
  int16: { name: 'int16', size: 2 },
  int8: { name: 'int8', size: 1 },
  uint8: { name: 'uint8', size: 1 },
  bool: { name: 'bool', size: 1 },
  complex64: { name: 'complex64', size: 8 },
  complex128: { name: 'complex128', size: 16 },
} as const satisfies Record<string, ElementType>;

/** The float32 equal to each number of 16 bits in some bytes. */
function widening(widened: Widened): (bytes: ArrayBuffer) => Float32Array {
  let bitsOf: Int32Array | undefined;
  return (bytes) => {
    bitsOf ??= Int32Array.from({ length: 2 ** 16 }, (_, bits) => widened(bits));
    const narrow = new Uint16Array(bytes);
    const wide = new Int32Array(narrow.length);
    for (let i = 0; i < narrow.length; i++) wide[i] = bitsOf[narrow[i]!]!;
    return new Float32Array(wide.buffer);
  };
}
