import type { Rows } from '@farout/core';
import type { Tensor } from '@farout/tensor';

/** 1 / ‖x‖₂ of each row, float64; 0 for a row of zeros, which has no direction. */
export function inverseLengths({ data, shape: [count, width] }: Rows): Float64Array {
  const inverse = new Float64Array(count);
  for (let row = 0; row < count; row++) {
    const square = squareOf(data, row * width, (row + 1) * width);
    if (square > 0) inverse[row] = 1 / Math.sqrt(square);
  }
  return inverse;
}

/** The sum of squares, in four independent sums that the processor can overlap. */
function squareOf(data: Float32Array, from: number, to: number): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  let i = from;
  for (; i + 3 < to; i += 4) {
    a += data[i]! * data[i]!;
    b += data[i + 1]! * data[i + 1]!;
    c += data[i + 2]! * data[i + 2]!;
    d += data[i + 3]! * data[i + 3]!;
  }
  for (; i < to; i++) a += data[i]! * data[i]!;
  return a + b + (c + d);
}

/** Features of length 1, h / ‖h‖₂, float64 (N, D); a row of zeros stays zero. */
export function unitLength(features: Tensor): Tensor {
  const h = features.cast('float64');
  return h.div(h.norm(-1, { keepDims: true }).maximum(tiny));
}

/** The smallest positive normal float64. */
const tiny = 2 ** -1022;
