import type { Pixels } from '../src/pixels.ts';

const { imul } = Math;

/** An image of pseudo-random values, the same for the same seed. */
export function noise(width: number, height: number, seed: number): Pixels {
  let state = seed >>> 0;
  const next = () => (state = (imul(state, 1664525) + 1013904223) >>> 0) >>> 24;
  return { width, height, data: Uint8Array.from({ length: width * height * 3 }, next) };
}
