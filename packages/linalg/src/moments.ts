import { LinalgError, mirrored, misfit, refuseNotFinite, type DenseMatrix } from './matrix.ts';
import { openWorkspace, rowsOf, transposed, type Workspace } from './products.ts';

/** The moments of all rows together. */
export interface MomentsOfRows {
  /** N, the number of rows. */
  readonly count: number;
  /** μ, (D). */
  readonly mean: Float64Array;
  /** Σ (x − μ)(x − μ)ᵀ / N, (D, D); times N / (N − 1) it is unbiased. */
  readonly covariance: DenseMatrix;
}

/** The same plus the moments of each class. */
export interface MomentsOfClasses extends MomentsOfRows {
  /** Rows of each class, (C). */
  readonly classCounts: Float64Array;
  /** μ_c, (C, D); NaN for a class without rows. */
  readonly classMeans: DenseMatrix;
  /** Σ (x − μ_c)(x − μ_c)ᵀ / N, (D, D), each row minus the mean of its class. */
  readonly withinClass: DenseMatrix;
}

/**
 * Count, mean and covariance of rows that arrive in batches, in float64. It holds one (D, D) matrix and 256 rows, however many rows arrive.
 *
 * Each row adds n/(n + 1)·(x − μ)(x − μ)ᵀ, where μ is the mean of the n rows before it, so large numbers are never subtracted from each
 * other; 256 such terms form one matrix product. Batch boundaries do not matter: the same rows in the same order give the same bits on
 * every machine.
 *
 * Welford 1962; Chan, Golub and LeVeque, "Algorithms for computing the sample variance", 1983.
 */
export class Moments {
  readonly #scatter: Scatter;

  /** @throws LinalgError OOD_SHAPE when the width is not a positive integer. */
  constructor(width: number) {
    this.#scatter = new Scatter('Moments', width, 1);
  }

  /**
   * Adds rows of D numbers, stored one after the other.
   *
   * @throws LinalgError, and adds none of them: OOD_SHAPE when the numbers do not fill rows; OOD_DETECTOR_FAILED at NaN or ∞.
   */
  add(rows: Float32Array | Float64Array): void {
    this.#scatter.add(rows, () => 0);
  }

  /** The moments so far; more rows may follow. @throws LinalgError OOD_DETECTOR_FAILED when there were no rows. */
  result(): MomentsOfRows {
    const { count, mean, covariance } = this.#scatter.result();
    return { count, mean, covariance };
  }
}

/** The same as `Moments`, with the means of C classes and the covariance about them. */
export class ClassMoments {
  readonly #scatter: Scatter;
  readonly #classes: number;

  /** @throws LinalgError OOD_SHAPE when the width or the number of classes is not a positive integer. */
  constructor(width: number, classes: number) {
    this.#scatter = new Scatter('ClassMoments', width, classes);
    this.#classes = classes;
  }

  /**
   * Adds rows of D numbers, stored one after the other, and the class of each, 0 to C − 1.
   *
   * @throws LinalgError, and adds none of them: OOD_SHAPE when rows and labels do not fit; OOD_DETECTOR_FAILED at NaN or ∞.
   */
  add(rows: Float32Array | Float64Array, labels: ArrayLike<number>): void {
    const count = this.#scatter.rowsIn(rows);
    if (labels.length !== count) throw misfit(`ClassMoments: ${labels.length} labels for ${count} rows`);
    const wrong = Array.from(labels).findIndex(
      (label) => !(Number.isInteger(label) && label >= 0 && label < this.#classes),
    );
    if (wrong >= 0)
      throw misfit(`ClassMoments: label ${labels[wrong]!} of row ${wrong} is not one of the ${this.#classes} classes`);
    this.#scatter.add(rows, (row) => labels[row]!);
  }

  /** The moments so far; more rows may follow. @throws LinalgError OOD_DETECTOR_FAILED when there were no rows. */
  result(): MomentsOfClasses {
    return this.#scatter.result();
  }
}

/**
 * E[(x − c)(x − c)ᵀ] = Σ + (μ − c)(μ − c)ᵀ about a point c, (D): (D, D).
 *
 * @throws LinalgError OOD_SHAPE when the point does not have D numbers.
 */
export function secondMoment({ mean, covariance }: MomentsOfRows, point: ArrayLike<number>): DenseMatrix {
  const width = mean.length;
  if (point.length !== width) throw misfit(`secondMoment: a point of ${point.length} numbers among rows of ${width}`);
  const away = mean.map((value, j) => value - point[j]!);
  const data = covariance.data.map((value, at) => value + away[Math.floor(at / width)]! * away[at % width]!);
  return { data, shape: [width, width] };
}

/** Rows whose products are summed together, counted from the first row, not from the start of a batch. */
const block = 256;

/** The sums behind the moments, of rows relative to their class means. */
class Scatter {
  readonly #what: string;
  readonly #width: number;
  readonly #counts: Float64Array;
  readonly #means: Float64Array;
  readonly #space: Workspace<'within' | 'block'>;
  #waiting = 0;

  constructor(what: string, width: number, classes: number) {
    const isSize = [width, classes].every((size) => Number.isInteger(size) && size > 0);
    if (!isSize)
      throw misfit(`${what}: neither ${width} columns nor ${classes} classes can be less than 1, or a fraction`);
    this.#what = what;
    this.#width = width;
    this.#counts = new Float64Array(classes);
    this.#means = new Float64Array(classes * width);
    this.#space = openWorkspace({ within: width * width, block: block * width });
  }

  /** The number of rows in an array. */
  rowsIn(rows: Float32Array | Float64Array): number {
    const count = rows.length / this.#width;
    if (Number.isInteger(count)) return count;
    throw misfit(`${this.#what}: ${rows.length} numbers are not rows of ${this.#width}`);
  }

  add(rows: Float32Array | Float64Array, classOf: (row: number) => number): void {
    const count = this.rowsIn(rows);
    refuseNotFinite(this.#what, rows, this.#width);
    for (let row = 0; row < count; row++) {
      this.#addRow(rows.subarray(row * this.#width, (row + 1) * this.#width), classOf(row));
    }
  }

  #addRow(row: Float32Array | Float64Array, label: number): void {
    const width = this.#width;
    const before = this.#counts[label]!;
    const mean = this.#means.subarray(label * width, (label + 1) * width);
    const target = this.#space.block.subarray(this.#waiting * width, (this.#waiting + 1) * width);
    const [scale, share] = [Math.sqrt(before / (before + 1)), 1 / (before + 1)];
    for (let j = 0; j < width; j++) {
      const away = row[j]! - mean[j]!;
      target[j] = scale * away;
      mean[j]! += share * away;
    }
    this.#counts[label] = before + 1;
    // The first row of a class is its mean, so it adds nothing.
    if (before > 0) this.#waiting++;
    if (this.#waiting < block) return;
    addSquares(this.#space, width, block);
    this.#waiting = 0;
  }

  result(): MomentsOfClasses {
    const [width, counts] = [this.#width, this.#counts];
    const count = counts.reduce((sum, each) => sum + each, 0);
    if (count === 0) throw new LinalgError(`${this.#what}: no rows, so no mean`);
    const mean = this.#mean(count);
    // The rows still waiting stay in place for rows that arrive later.
    const space = openWorkspace({ within: width * width, block: Math.max(block, counts.length) * width });
    space.within.set(this.#space.within);
    space.block.set(this.#space.block);
    addSquares(space, width, this.#waiting);
    const withinClass = divided(space.within, width, count);
    this.#fillWithClasses(space.block, mean);
    addSquares(space, width, counts.length);
    const classMeans = this.#means.map((value, at) => (counts[Math.floor(at / width)] === 0 ? NaN : value));
    return {
      count,
      mean,
      covariance: divided(space.within, width, count),
      classCounts: counts.slice(),
      classMeans: { data: classMeans, shape: [counts.length, width] },
      withinClass,
    };
  }

  #mean(count: number): Float64Array {
    const mean = new Float64Array(this.#width);
    this.#counts.forEach((own, label) => {
      const first = label * this.#width;
      for (let j = 0; j < mean.length; j++) mean[j]! += (own / count) * this.#means[first + j]!;
    });
    return mean;
  }

  /** √n_c · (μ_c − μ): the sum of their squares is the between-class part of the covariance. */
  #fillWithClasses(target: Float64Array, mean: Float64Array): void {
    const width = this.#width;
    this.#counts.forEach((own, label) => {
      const scale = Math.sqrt(own);
      for (let j = 0; j < width; j++) target[label * width + j] = scale * (this.#means[label * width + j]! - mean[j]!);
    });
  }
}

/** Adds the product of the block's first rows with themselves to the upper triangle. */
function addSquares({ within, block, products }: Workspace<'within' | 'block'>, width: number, count: number): void {
  const rows = rowsOf(block, width);
  products.addProduct(
    rowsOf(within, width),
    transposed(rows),
    rows,
    { rows: width, columns: width, depth: count, upper: true },
    1,
  );
}

const divided = (sums: Float64Array, width: number, count: number): DenseMatrix => ({
  data: mirrored(sums, width).map((value) => value / count),
  shape: [width, width],
});
