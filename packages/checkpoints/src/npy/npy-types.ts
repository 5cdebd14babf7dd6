import type { TypedArray } from '@farout/core';

/** An element type of .npy files: what numpy calls it, and the array that holds it. */
interface NpyType {
  /** numpy's `descr`: byte order, kind, bytes per element. */
  readonly descr: string;
  /** Bytes of one element. */
  readonly size: number;
  readonly holds: (data: TypedArray) => boolean;
  readonly view: (buffer: ArrayBufferLike, offset: number, length: number) => TypedArray;
}

/** All element types that are read and written: those of NDArray, little-endian. */
export const npyTypes: readonly NpyType[] = [
  npyType('<f4', Float32Array),
  npyType('<f8', Float64Array),
  npyType('<i4', Int32Array),
  npyType('<i8', BigInt64Array),
  npyType('|u1', Uint8Array),
];

interface TypedArrayClass {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, offset: number, length: number): TypedArray;
}

function npyType(descr: string, holder: TypedArrayClass): NpyType {
  return {
    descr,
    size: holder.BYTES_PER_ELEMENT,
    holds: (data) => data instanceof holder,
    view: (buffer, offset, length) => new holder(buffer, offset, length),
  };
}
