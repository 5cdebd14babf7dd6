import type { NDArray } from './nd-array.ts';

/**
 * Which numbers of an array are not finite, as a sentence without a full stop: `2 of 6 numbers, the first is NaN at [1, 1]`;
 * undefined where all are. −∞ is let through where it may mask something, as in the bias of a class.
 */
export function notFinite(array: NDArray, { masks = false } = {}): string | undefined {
  // Only ∞ and NaN differ from themselves by what is no number.
  return whereNot(array, (value) => value - value === 0 || (masks && value === -Infinity));
}

/** Which numbers of an array are below 0, as no variance can be, in the words of `notFinite`; undefined where none is. */
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

/** An index into all elements as one along each axis. */
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
