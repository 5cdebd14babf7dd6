import type { Pixels } from '../pixels.ts';

/** The last row first. */
export function flipRows({ width, height, data }: Pixels): Pixels {
  const flipped = new Uint8Array(data.length);
  const stride = width * 3;
  for (let row = 0; row < height; row++) {
    flipped.set(data.subarray(row * stride, (row + 1) * stride), (height - 1 - row) * stride);
  }
  return { width, height, data: flipped };
}
