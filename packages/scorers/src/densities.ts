/** The smallest and largest value over successive blocks. */
export class Range {
  #low = Infinity;
  #high = -Infinity;

  add(values: Float32Array): void {
    for (const value of values) {
      if (value < this.#low) this.#low = value;
      if (value > this.#high) this.#high = value;
    }
  }

  ends(): Float32Array {
    return Float32Array.of(this.#low, this.#high);
  }
}

/** Dimensions per chunk. Chunks have equal weight, so each dimension of a shorter chunk counts more. */
const chunk = 1000;

/** A histogram of each row's values over bins of equal width. */
export class Densities {
  readonly #edges: Float32Array;
  readonly #weights: Float64Array;
  readonly #shares: Float64Array;
  #seen = 0;

  /** For `count` rows of `dimensions` values, in `bins` bins between the ends of a range. */
  constructor(count: number, dimensions: number, [low, high]: Float32Array, bins: number) {
    this.#edges = edgesBetween(low!, high!, bins);
    this.#shares = new Float64Array(count * bins);
    const chunks = Math.ceil(dimensions / chunk);
    const lengthAt = (dimension: number) => Math.min(chunk, dimensions - Math.floor(dimension / chunk) * chunk);
    this.#weights = Float64Array.from({ length: dimensions }, (_, dimension) => 1 / (chunks * lengthAt(dimension)));
  }

  /** Counts the next dimensions of all rows, one row after the other. */
  add(values: Float32Array, width: number): void {
    const bins = this.#edges.length - 1;
    const rows = values.length / width;
    for (let row = 0; row < rows; row++) {
      for (let i = 0; i < width; i++) {
        const bin = binOf(values[row * width + i]!, this.#edges);
        if (bin >= 0) this.#shares[row * bins + bin]! += this.#weights[this.#seen + i]!;
      }
    }
    this.#seen += width;
  }

  /** The share of a row's values in each bin. They sum to less than 1 where some values lie outside all bins. */
  of(row: number): Float64Array {
    const bins = this.#edges.length - 1;
    return this.#shares.subarray(row * bins, (row + 1) * bins);
  }
}

/** The edges of bins of equal width between two numbers, float32 (bins + 1), ascending; the last one is slightly above `high`. */
export function edgesBetween(low: number, high: number, bins: number): Float32Array {
  const width = Math.fround(Math.fround(high + 1e-8) - low);
  return Float32Array.from({ length: bins + 1 }, (_, i) => low + Math.fround(Math.fround(i / bins) * width));
}

/** The bin that contains a value; a bin includes its lower edge but not its upper one. −1 outside all bins. */
export function binOf(value: number, edges: Float32Array): number {
  const last = edges.length - 1;
  const low = edges[0]!;
  const high = edges[last]!;
  if (!(value >= low && value < high)) return -1;
  let bin = (((value - low) / (high - low)) * last) | 0;
  while (bin >= last || value < edges[bin]!) bin--;
  while (value >= edges[bin + 1]!) bin++;
  return bin;
}

/** A moving average over `size` bins. With an even size, the window has one more bin after the centre than before it. The end bins are repeated. */
export function smoothed(density: Float64Array, size: number): Float64Array {
  const before = Math.floor((size - 1) / 2);
  const last = density.length - 1;
  return density.map((_, bin) => {
    let sum = 0;
    for (let at = bin - before; at < bin - before + size; at++) sum += density[Math.min(Math.max(at, 0), last)]!;
    return sum / size;
  });
}

/** KL(p ‖ q) + KL(q ‖ p) of two densities, after adding ε to every bin and normalising the sum to 1. */
export function divergence(p: Float64Array, q: Float64Array, epsilon: number): number {
  const [ofP, ofQ] = [p, q].map((density) => density.reduce((sum, each) => sum + each + epsilon, 0)) as [
    number,
    number,
  ];
  return p.reduce((sum, each, bin) => {
    const [a, b] = [(each + epsilon) / ofP, (q[bin]! + epsilon) / ofQ];
    return sum + (a - b) * Math.log(a / b);
  }, 0);
}
