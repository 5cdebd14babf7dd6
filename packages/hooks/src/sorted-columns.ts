import { percentileInRanks } from './percentile.ts';

/** Up to this many products are selected from directly; more are narrowed down by bisection first. */
const fewEnough = 4096;
/** After this many bisections the remaining products are equal, or close enough. */
const mostHalvings = 40;

/**
 * The weights (K, D) of a last layer, sorted within each channel, so that the products s_d · W_kd, s_d ≥ 0, below a number can be counted
 * without looking at each of them.
 */
export class SortedColumns {
  readonly #columns: readonly Float32Array[];
  readonly #classes: number;

  constructor(weight: Float32Array, width: number) {
    this.#classes = weight.length / width;
    this.#columns = Array.from({ length: width }, (_, d) =>
      Float32Array.from({ length: this.#classes }, (__, k) => weight[k * width + d]!).sort(),
    );
  }

  /** The p-th percentile of s_d · W_kd over all k and d, as NumPy computes it by default. */
  percentile(sizes: Float64Array, percentile: number): number {
    const virtual = (percentile / 100) * (this.#columns.length * this.#classes - 1);
    const lower = Math.floor(virtual);
    const bracket = this.#bracket(sizes, lower);
    return percentileInRanks(this.#productsIn(bracket, sizes), virtual - sum(bracket.from));
  }

  /** The largest weight with s_d · W_kd ≤ bound in each channel, (D); −∞ if there is none. */
  largestUpTo(sizes: Float64Array, bound: number): Float32Array {
    return Float32Array.from(this.#columns, (column, d) => {
      const count = countUpTo(column, sizes[d]!, bound, 0, column.length);
      return count === 0 ? -Infinity : column[count - 1]!;
    });
  }

  /** A range of each column that together contain the products of this rank and the next. */
  #bracket(sizes: Float64Array, rank: number): Bracket {
    const from = new Int32Array(sizes.length);
    const to = new Int32Array(sizes.length).fill(this.#classes);
    let [low, high] = this.#ends(sizes);
    for (let step = 0; step < mostHalvings && sum(to) - sum(from) > fewEnough; step++) {
      const middle = low + (high - low) / 2;
      const counts = this.#columns.map((column, d) => countUpTo(column, sizes[d]!, middle, from[d]!, to[d]!));
      const below = sum(counts);
      if (below <= rank) {
        low = middle;
        from.set(counts);
      } else if (below >= rank + 2) {
        high = middle;
        to.set(counts);
      } else break;
    }
    return { from, to };
  }

  #ends(sizes: Float64Array): [low: number, high: number] {
    let [low, high] = [Infinity, -Infinity];
    this.#columns.forEach((column, d) => {
      low = Math.min(low, sizes[d]! * column[0]!);
      high = Math.max(high, sizes[d]! * column.at(-1)!);
    });
    return [low, high];
  }

  #productsIn({ from, to }: Bracket, sizes: Float64Array): Float64Array {
    const products = new Float64Array(sum(to) - sum(from));
    let at = 0;
    this.#columns.forEach((column, d) => {
      for (let i = from[d]!; i < to[d]!; i++) products[at++] = sizes[d]! * column[i]!;
    });
    return products;
  }
}

/** The range of each column. */
interface Bracket {
  readonly from: Int32Array;
  readonly to: Int32Array;
}

/** How many of a column's products are at most `bound`; the count is known to lie between `least` and `most`. */
function countUpTo(column: Float32Array, size: number, bound: number, least: number, most: number): number {
  let [low, high] = [least, most];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (size * column[middle]! <= bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

function sum(counts: Iterable<number>): number {
  let all = 0;
  for (const count of counts) all += count;
  return all;
}
