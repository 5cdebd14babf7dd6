import type { NDArray, Tensor } from '@farout/tensor';

/** A block of rows, one per image: row i is `data.subarray(i · width, (i + 1) · width)`, shape (rows, width), float32. */
export interface Rows {
  readonly data: Float32Array;
  readonly shape: readonly [rows: number, width: number];
}

/** What a part learnt from the fit set: named arrays and nothing else, so that it can be stored, hashed and exported. */
export type Learnt = Readonly<Record<string, NDArray>>;

/** What a part learnt, as constants of the graph that is being traced. */
export type LearntTensors = Readonly<Record<string, Tensor>>;

/**
 * A block of a set's rows: only what was asked for is there. `features` (rows, D), `headInput` (rows, D; what the last layer
 * reads, see `NetworkView`) and `logits` (rows, K) are behind the hooks written before the part, `labels` are classes 0..K−1, one an image; any other name is a reading of the part itself, each image's
 * numbers as a row.
 */
export type RowBatch<Name extends string = string> = {
  readonly [Each in Name]: Each extends 'labels' ? Int32Array : Rows;
};

/** A set as a stream that may be read several times; it never stands in memory as a whole. */
export interface RowStream<Name extends string = string> extends AsyncIterable<RowBatch<Name>> {
  /** How many rows there are in all. */
  readonly count: number;
}

/** A function over arrays that was made of tensors: inputs by name in, outputs by name out. */
export type Compiled = (inputs: Readonly<Record<string, NDArray>>) => Promise<Readonly<Record<string, NDArray>>>;

/** What a part may use while it learns or prepares to score. */
export interface PartContext {
  /**
   * The last layer behind the hooks before the part: weight (K, D) and bias (K), float32. Where it normalises what it reads, a part gets
   * their numbers only if it reads `headInput` or no `features`.
   */
  readonly head: { readonly weight: NDArray; readonly bias: NDArray };
  /** K, how many classes the head has. */
  readonly classes: number;
  /**
   * The seed: whatever is drawn is drawn by it, and by nothing else. It is there for parts that say `draws: true`; for others it is an
   * error to read it.
   */
  readonly seed: number;
  /** What the part has learnt so far; {} when that is nothing. */
  readonly learnt: Learnt;
  /**
   * Makes a function over typed arrays of tensor expressions; it computes until the part is done. Results do not depend on how rows
   * are cut into blocks.
   */
  readonly compile: (outputs: Readonly<Record<string, Tensor>>) => Promise<Compiled>;
  /** Stops the part when the run is stopped; a loop that takes long asks it. */
  readonly signal: AbortSignal;
}

/** Count, mean and covariance of rows, float64. */
export interface RowMoments {
  /** N, the number of rows. */
  readonly count: number;
  /** μ, (D). */
  readonly mean: Float64Array;
  /** Σ (x − μ)(x − μ)ᵀ / N, (D, D). */
  readonly covariance: Float64Array;
}

/** What is known of the rows of each class besides. */
export interface RowClassMoments extends RowMoments {
  /** Rows of each class, (K). */
  readonly classCounts: Float64Array;
  /** μₖ, (K, D); NaN for a class without rows. */
  readonly classMeans: Float64Array;
  /** Σ (x − μ of its class)(x − μ of its class)ᵀ / N, (D, D). */
  readonly withinClass: Float64Array;
}

/** How rows are changed before their moments are taken. */
export interface MomentsOptions {
  /** Whether each row is divided by its length first: x / ‖x‖₂; a row of zeros stays. */
  readonly normalised?: boolean;
}

/** What a step may use while it learns. */
export interface FitContext extends PartContext {
  /** The rows of the set that the step learns against (`against`), as those that it learns from; empty where it names none. */
  readonly against: RowStream;
  /**
   * The moments of rows that the step reads, by their name. They are worked out once for the same rows of the same set, and kept in the
   * store: parts that ask for the same share the pass over the rows.
   */
  readonly moments: (of: string, options?: MomentsOptions) => Promise<RowMoments>;
  /** The same with the moments of each class; the step reads the labels. */
  readonly classMoments: (of: string, options?: MomentsOptions) => Promise<RowClassMoments>;
}

/**
 * How a part learns: one step. `reads` says what it needs of the set, `learn` streams over it: its memory must not grow with the
 * number of images. Made by `learnsFrom`.
 */
export interface Fit {
  readonly reads: readonly string[];
  /**
   * It learns single images by heart, as nearest neighbours do: on an image that it learnt from, its score says nothing. Where
   * fit and test images overlap the experiment is refused, unless it insists (`allowOverlap: true`).
   */
  readonly memorises?: boolean;
  /** The dataset that the step learns from; the part's own, or the experiment's `fit`, when absent. */
  readonly set?: string;
  /** A dataset of other images that it tells the first ones from: noise, or a validation set out of distribution. */
  readonly against?: string;
  /** Whether the rows that it reads are kept as the part's bank: a reference to what the store holds, which nobody copies. */
  readonly keeps?: boolean;
  readonly learn: (rows: RowStream, at: FitContext) => Promise<Learnt>;
}

/** What else there is to say of a step. */
export type FitOptions = Pick<Fit, 'memorises' | 'set' | 'against'>;

/**
 * A step that learns from named rows: `features`, `headInput`, `logits`, `labels`, or readings of the part itself. Only those that are named
 * exist in the type of a block.
 *
 * `learnsFrom(['features', 'labels'], async (rows, { classes }) => ({ means: await classMeans(rows, classes) }))`
 */
export const learnsFrom = <const Name extends string>(
  reads: readonly Name[],
  learn: (rows: RowStream<Name>, at: FitContext) => Promise<Learnt> | Learnt,
  options: FitOptions = {},
): Fit => ({ ...options, reads, learn: async (rows, at) => learn(rows, at) });

/**
 * A step that learns nothing and keeps a bank: the named rows of the fit set, as a scorer over rows finds them again in
 * `at.bank`. Nothing is copied: the bank is a reference to the readings that the store has.
 */
export const remembers = (reads: readonly string[]): Fit => ({
  reads,
  memorises: true,
  keeps: true,
  learn: () => Promise.resolve({}),
});

/** How a scorer over rows scores. Made by `scoresFrom`. */
export interface RowScoring {
  readonly reads: readonly string[];
  readonly prepare: (at: RowContext) => Promise<(rows: RowBatch) => Float32Array | Promise<Float32Array>>;
}

/** What a scorer over rows may use while it prepares. */
export interface RowContext extends PartContext {
  /** The rows that the part remembers (`remembers`), as a stream; empty for one that remembers none. */
  readonly bank: RowStream;
}

/**
 * A scorer that is no tensor algebra: `prepare` is called once, and gives the function that scores blocks of rows, one number a
 * row, higher = more in-distribution. That one must not keep or change the rows.
 *
 * `scoresFrom(['features'], ({ learnt }) => ({ features }) => distances(features, learnt.centre!))`
 */
export const scoresFrom = <const Name extends string>(
  reads: readonly Name[],
  prepare: (at: RowContext) => RowFunction<Name> | Promise<RowFunction<Name>>,
): RowScoring => ({ reads, prepare: async (at) => await prepare(at) });

/** A block of rows in, one score per row out. */
type RowFunction<Name extends string> = (rows: RowBatch<Name>) => Float32Array | Promise<Float32Array>;
