import { interpolate } from './pooled-percentile.ts';

/**
 * The p-th percentile (0..100) of finite numbers, as NumPy computes it by default: with n sorted values and v = p/100 · (n − 1), it
 * interpolates linearly between the values at ⌊v⌋ and ⌊v⌋ + 1. It finds these without a full sort and reorders the numbers in place.
 */
export const percentileInPlace = (values: Float64Array, percentile: number): number =>
  percentileInRanks(values, (percentile / 100) * (values.length - 1));

/** The same for a given v. */
export function percentileInRanks(values: Float64Array, virtual: number): number {
  const lower = Math.floor(virtual);
  const a = select(values, lower);
  if (virtual === lower) return a;
  let b = Infinity;
  for (let i = lower + 1; i < values.length; i++) if (values[i]! < b) b = values[i]!;
  return interpolate(a, b, virtual - lower);
}

/** Returns the value of a rank (from 0) and moves smaller values before it and larger ones after it (Hoare's FIND). */
function select(values: Float64Array, rank: number): number {
  let [left, right] = [0, values.length - 1];
  while (left < right) {
    const pivot = middleOf(values[left]!, values[(left + right) >>> 1]!, values[right]!);
    let [i, j] = [left, right];
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i > j) break;
      const swapped = values[i]!;
      values[i++] = values[j]!;
      values[j--] = swapped;
    }
    if (rank <= j) right = j;
    else if (rank >= i) left = i;
    else break;
  }
  return values[rank]!;
}

const middleOf = (a: number, b: number, c: number) => Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
