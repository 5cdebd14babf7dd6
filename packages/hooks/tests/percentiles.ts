/** numpy's default percentile, by sorting: linear between the two values around p/100 · (n − 1). */
export function percentileBySorting(values: readonly number[], percentile: number): number {
  const sorted = Float64Array.from(values).sort();
  const virtual = (percentile / 100) * (sorted.length - 1);
  const [a, b] = [sorted[Math.floor(virtual)]!, sorted[Math.ceil(virtual)]!];
  const t = virtual - Math.floor(virtual);
  return t < 0.5 ? a + (b - a) * t : b - (b - a) * (1 - t);
}
