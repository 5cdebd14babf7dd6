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
 * A block of a set's rows, with only what was asked for. `features` (rows, D), `headInput` (rows, D; the input of the last layer, see
 * `NetworkView`) and `logits` (rows, K) are taken after the hooks written before the part. `labels` are classes 0..K−1, one per image. Any
 * other name is a reading of the part itself, with each image's values as a row.
 */
export type RowBatch<Name extends string = string> = {
  readonly [Each in Name]: Each extends 'labels' ? Int32Array : Rows;
};

/** A set as a stream that may be read several times; it is never in memory as a whole. */
export interface RowStream<Name extends string = string> extends AsyncIterable<RowBatch<Name>> {
  /** The total number of rows. */
  readonly count: number;
}

/** A function over arrays compiled from tensors: inputs by name → outputs by name. */
export type Compiled = (inputs: Readonly<Record<string, NDArray>>) => Promise<Readonly<Record<string, NDArray>>>;

/** What a part can use while it learns or prepares to score. */
export interface PartContext {
  /**
   * The last layer after the hooks before the part: weight (K, D) and bias (K), float32. If the layer normalises its input, a part may read
   * these only if it reads `headInput`, or does not read `features`.
   */
  readonly head: { readonly weight: NDArray; readonly bias: NDArray };
  /** K, the number of classes of the head. */
  readonly classes: number;
  /** The seed for all random draws. Only parts with `draws: true` may read it; for others, reading it is an error. */
  readonly seed: number;
  /** What the part has learnt so far; {} if nothing. */
  readonly learnt: Learnt;
  /**
   * Compiles tensor expressions into a function over typed arrays, which can be called until the part is done. Results do not depend on how
   * rows are split into blocks.
   */
  readonly compile: (outputs: Readonly<Record<string, Tensor>>) => Promise<Compiled>;
  /** Aborted when the run is stopped; long loops should check it. */
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

/** The same plus the moments of each class. */
export interface RowClassMoments extends RowMoments {
  /** Rows of each class, (K). */
  readonly classCounts: Float64Array;
  /** μₖ, (K, D); NaN for a class without rows. */
  readonly classMeans: Float64Array;
  /** Σ (x − μ of its class)(x − μ of its class)ᵀ / N, (D, D). */
  readonly withinClass: Float64Array;
}

/** How rows are transformed before their moments are taken. */
export interface MomentsOptions {
  /** Whether each row is first divided by its length: x / ‖x‖₂; a row of zeros stays zero. */
  readonly normalised?: boolean;
}

/** What a step can use while it learns. */
export interface FitContext extends PartContext {
  /** The rows of the set that the step learns against (`against`), in the same form; empty if it names none. */
  readonly against: RowStream;
  /**
   * The moments of named rows that the step reads. They are computed once for the same rows of the same set and kept in the store, so parts
   * that need the same moments share the pass over the rows.
   */
  readonly moments: (of: string, options?: MomentsOptions) => Promise<RowMoments>;
  /** The same with the moments of each class; the step must read the labels. */
  readonly classMoments: (of: string, options?: MomentsOptions) => Promise<RowClassMoments>;
}

/**
 * One learning step of a part. `reads` lists what it needs from the set, and `learn` streams over it; its memory must not grow with the
 * number of images. Made by `learnsFrom`.
 */
export interface Fit {
  readonly reads: readonly string[];
  /**
   * Set if it memorises single images, as nearest neighbours do: its score of an image that it learnt from is meaningless. The experiment
   * fails if fit and test images overlap, unless it sets `allowOverlap: true`.
   */
  readonly memorises?: boolean;
  /** The dataset that the step learns from; by default the part's own, or the experiment's `fit`. */
  readonly set?: string;
  /** A dataset to learn to distinguish from the first: noise, or an OOD validation set. */
  readonly against?: string;
  /** Whether the rows that it reads are kept as the part's bank: a reference to the rows in the store, not a copy. */
  readonly keeps?: boolean;
  readonly learn: (rows: RowStream, at: FitContext) => Promise<Learnt>;
}

/** Options of a step. */
export type FitOptions = Pick<Fit, 'memorises' | 'set' | 'against'>;

/**
 * A step that learns from named rows: `features`, `headInput`, `logits`, `labels`, or readings of the part itself. Only the named ones
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
 * A step that learns nothing and keeps a bank: the named rows of the fit set, available to a row scorer as `at.bank`. Nothing is copied:
 * the bank is a reference to the rows in the store.
 */
export const remembers = (reads: readonly string[]): Fit => ({
  reads,
  memorises: true,
  keeps: true,
  learn: () => Promise.resolve({}),
});

/** How a row scorer scores. Made by `scoresFrom`. */
export interface RowScoring {
  readonly reads: readonly string[];
  readonly prepare: (at: RowContext) => Promise<(rows: RowBatch) => Float32Array | Promise<Float32Array>>;
}

/** What a row scorer can use while it prepares. */
export interface RowContext extends PartContext {
  /** The rows that the part remembers (`remembers`), as a stream; empty if it remembers none. */
  readonly bank: RowStream;
}

/**
 * A scorer that is not written with tensors: `prepare` is called once and returns the function that scores blocks of rows, one number per
 * row, higher = more in-distribution. That function must not keep or change the rows.
 *
 * `scoresFrom(['features'], ({ learnt }) => ({ features }) => distances(features, learnt.centre!))`
 */
export const scoresFrom = <const Name extends string>(
  reads: readonly Name[],
  prepare: (at: RowContext) => RowFunction<Name> | Promise<RowFunction<Name>>,
): RowScoring => ({ reads, prepare: async (at) => await prepare(at) });

/** A block of rows in, one score per row out. */
type RowFunction<Name extends string> = (rows: RowBatch<Name>) => Float32Array | Promise<Float32Array>;
