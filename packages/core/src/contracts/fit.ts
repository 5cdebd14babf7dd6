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

/** What a part may read of the fit set. */
export type FitInput = 'features' | 'logits' | 'labels';

/** A batch of the fit set; only what the part's `reads` asks for is there. */
export interface FitBatch {
  /** Penultimate features after the hooks before this part, (rows, D). */
  readonly features: Rows;
  /** Logits after the hooks before this part, (rows, K). */
  readonly logits: Rows;
  /** Class of each row, 0..K−1. */
  readonly labels: Int32Array;
}

/** The fit set as a stream that may be read several times; it never stands in memory as a whole. */
export interface FitRows extends AsyncIterable<FitBatch> {
  /** How many rows there are in all. */
  readonly count: number;
}

/**
 * How a part learns. `reads` says what it needs of the fit set, `learn` streams over it: its memory must not grow with
 * the number of images unless what it learns is itself a bank of them.
 */
export interface Fit<P> {
  readonly reads: readonly FitInput[];
  /**
   * It learns single images by heart, as nearest neighbours do: on an image that it learnt from, its score says nothing. Where
   * fit and test images overlap the experiment is refused, unless it insists (`allowOverlap: true`).
   */
  readonly memorises?: boolean;
  readonly learn: (rows: FitRows, params: P) => Promise<Learnt>;
}
