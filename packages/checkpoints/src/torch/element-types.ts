import { widenBfloat16, widenFloat16 } from './widen.ts';

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

/**
 * The element types of PyTorch. Weights are float32 here whatever the file has: float16 and bfloat16 are widened to the equal
 * number, float64 is rounded to the nearest (ties to even; beyond float32's range to infinity), as PyTorch's `.float()` does.
 */
export const elementTypes = {
  float32: { name: 'float32', size: 4, decode: (bytes) => new Float32Array(bytes) },
  float16: { name: 'float16', size: 2, decode: widenFloat16 },
  bfloat16: { name: 'bfloat16', size: 2, decode: widenBfloat16 },
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
