/** Bins of equal width. */
export interface Bins {
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

/**
 * Bins over a range; one that has no width gets a unit, or a millionth where a unit is lost beside it, so that its values
 * lie in the middle.
 */
export function binsOver(low: number, high: number, count: number): Bins {
  if (low < high) return { low, high, count };
  const half = Math.max(0.5, Math.abs(low) * 1e-6);
  return { low: low - half, high: low + half, count };
}

/** The edges between bins and at their ends, `count + 1` of them. */
export const edgesOf = ({ low, high, count }: Bins): number[] =>
  Array.from({ length: count + 1 }, (_, edge) => low + ((high - low) * edge) / count);

/** Counts values in bins, float64; a bin holds its lower edge, and what lies beyond the outermost bin counts in it. */
export class Histogram {
  readonly #bins: Bins;
  readonly #counts: Float64Array;

  constructor(bins: Bins) {
    this.#bins = bins;
    this.#counts = new Float64Array(bins.count);
  }

  add(values: Float32Array): void {
    const { low, high, count } = this.#bins;
    const perUnit = count / (high - low);
    for (const value of values) {
      const bin = Math.floor((value - low) * perUnit);
      this.#counts[Math.min(Math.max(bin, 0), count - 1)]!++;
    }
  }

  /** What share of all values lies in each bin; zeros when there are none. */
  shares(): number[] {
    const total = this.#counts.reduce((sum, count) => sum + count, 0);
    return Array.from(this.#counts, (count) => (total === 0 ? 0 : count / total));
  }
}
