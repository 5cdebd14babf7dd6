import type { NDArray } from '@farout/tensor';
import { distinct } from './finite-differences.ts';

/** float32 numbers. */
export const floats = (values: readonly number[], shape: readonly number[] = [values.length]): NDArray => ({
  data: Float32Array.from(values),
  shape,
});

/** Whole numbers as ONNX wants axes, sizes and indices: int64. */
export const ints = (values: readonly number[], shape: readonly number[] = [values.length]): NDArray => ({
  data: BigInt64Array.from(values, BigInt),
  shape,
});

/** Zeros and ones; their place in a node must be said to be bool. */
export const bools = (shape: readonly number[], seed: number): NDArray => ({
  data: Uint8Array.from(distinct(shape, seed).data, (value) => Number(value > 1.2)),
  shape,
});

/** Numbers between `low` and `high`, no two of them equal; those near one of `corners` are moved away from it. */
export function between(
  low: number,
  high: number,
  shape: readonly number[],
  seed: number,
  {
    corners = [],
    dtype = Float64Array,
  }: { corners?: readonly number[]; dtype?: typeof Float64Array | typeof Float32Array } = {},
): NDArray {
  const values = Array.from(distinct(shape, seed).data, (value) => {
    const wanted = low + ((value - 0.5) / 1.5 + 0.0037) * (high - low);
    const corner = corners.find((each) => Math.abs(each - wanted) < 0.06);
    return corner === undefined ? wanted : corner + (wanted < corner ? -0.07 : 0.07) + (wanted - corner) / 10;
  });
  return { data: dtype.from(values), shape };
}
