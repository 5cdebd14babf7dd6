/** Where a range begins and how many elements it has, counted along its step; Python's rules for what is beyond the ends. */
export function rangeOf(size: number, start: number, end: number, step: number): { first: number; count: number } {
  const clamp = (at: number, low: number, high: number) => Math.min(Math.max(at < 0 ? at + size : at, low), high);
  const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
  const [first, last] = [clamp(start, low, high), clamp(end, low, high)];
  return { first, count: Math.max(Math.ceil((last - first) / step), 0) };
}
