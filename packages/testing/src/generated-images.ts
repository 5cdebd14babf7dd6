import type { NDArray } from '@farout/tensor';
import { generatedNumbers } from './generated-numbers.ts';

/** Images whose every value is a function of its channel and place, (N, 3, side, side). */
export const paintImages = (
  count: number,
  side: number,
  value: (image: number, channel: number, place: number) => number,
): NDArray & { readonly data: Float32Array } => {
  const plane = side * side;
  const data = Float32Array.from({ length: count * 3 * plane }, (_, i) =>
    value(Math.floor(i / (3 * plane)), Math.floor(i / plane) % 3, i % plane),
  );
  return { data, shape: [count, 3, side, side] };
};

/** Images of noise between −2 and 2, about the range of normalised photographs. */
export function generatedImages(count: number, side: number) {
  const draw = generatedNumbers(1);
  return paintImages(count, side, () => 4 * draw() - 2);
}

/** Image n of some, as a batch of one, copied. */
export const imageAt = ({ data, shape: [count, ...size] }: NDArray, n: number): NDArray => {
  const length = data.length / count!;
  return { data: data.slice(n * length, (n + 1) * length), shape: [1, ...size] };
};
