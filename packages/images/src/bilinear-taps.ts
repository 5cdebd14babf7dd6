/** Weights are fixed-point numbers with this many fractional bits, as in Pillow's 8-bit resampling. */
export const weightBits = 22;

/** How output positions of one axis are mixed from input positions: position i of the output has the weights of row i. */
export interface Taps {
  /** Number of output positions. */
  readonly length: number;
  /** The first input position that each output position reads. */
  readonly starts: Int32Array;
  /** How many input positions it reads from there, at least 1. */
  readonly counts: Int32Array;
  /** Row i begins at i · stride; what lies behind its count is unused. Fixed point, `weightBits`. */
  readonly weights: Int32Array;
  readonly stride: number;
}

/**
 * The antialiased bilinear filter that resizes an axis of `inSize` to `outSize`, for the output positions
 * `first … first + length − 1` alone. With scale = in / out and s = max(scale, 1), output i is centred at
 * c = (i + ½)·scale and reads input x with weight tri((x − c + ½) / s), tri(v) = max(0, 1 − |v|), normalised to sum 1.
 *
 * Source: Pillow 9.4, Resample.c, `precompute_coeffs` and `normalize_coeffs_8bpc`.
 */
export function bilinearTaps(inSize: number, outSize: number, first: number, length: number): Taps {
  const scale = inSize / outSize;
  const support = Math.max(scale, 1);
  const stride = Math.ceil(support) * 2 + 1;
  const starts = new Int32Array(length);
  const counts = new Int32Array(length);
  const weights = new Int32Array(length * stride);
  const row = new Float64Array(stride);
  for (let i = 0; i < length; i++) {
    const center = (first + i + 0.5) * scale;
    const start = Math.max(0, Math.trunc(center - support + 0.5));
    const count = Math.min(inSize, Math.trunc(center + support + 0.5)) - start;
    const sum = fillTriangle(row, start, count, center, support);
    for (let x = 0; x < count; x++) weights[i * stride + x] = Math.trunc(0.5 + (row[x]! / sum) * 2 ** weightBits);
    starts[i] = start;
    counts[i] = count;
  }
  return { length, starts, counts, weights, stride };
}

/** Writes tri((x − c + ½) / s) and returns the sum. The order of the operations, 1 / s included, is Pillow's: it decides how weights round. */
function fillTriangle(row: Float64Array, start: number, count: number, center: number, support: number): number {
  const narrowing = 1 / support;
  let sum = 0;
  for (let x = 0; x < count; x++) {
    const weight = Math.max(0, 1 - Math.abs((x + start - center + 0.5) * narrowing));
    row[x] = weight;
    sum += weight;
  }
  return sum;
}
