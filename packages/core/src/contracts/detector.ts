import type { NDArray, Tensor } from '@farout/tensor';
import type { Head } from './backbone.ts';
import type { About, ParametersSchema, z } from './part.ts';

/** The way from images to features, for what must look at the image itself. */
export interface ImageAccess {
  /** Normalised images x, float32 (N, 3, H, W). */
  readonly image: Tensor;
  /** The standard deviation by which each channel was divided, float32 (3, 1, 1). */
  readonly std: Tensor;
  /** Images like `image` → penultimate features, (N, D). */
  readonly featuresOf: (image: Tensor) => Tensor;
}

/**
 * What a symbolic scorer sees, all of it after the detector's hooks. A scorer that touches `image`, `featuresOf` or
 * `logitsOf` reads images: it is run over them; the others are run over stored features.
 */
export interface ScoreContext extends ImageAccess {
  /** Penultimate features h, float32 (N, D). */
  readonly features: Tensor;
  /** Logits f, float32 (N, K), unnormalised. */
  readonly logits: Tensor;
  /** The last layer. */
  readonly head: Head;
  /** Images like `image` → logits, (N, K). */
  readonly logitsOf: (image: Tensor) => Tensor;
}

/** What a scorer over arrays sees, all of it after the detector's hooks. */
export interface ScoreRows {
  /** Penultimate features h, (rows, D). */
  readonly features: Rows;
  /** Logits f, (rows, K), unnormalised. */
  readonly logits: Rows;
}

/** What both kinds of scorers have. */
interface ScorerBase<P extends ParametersSchema> {
  /** What experiments call it. */
  readonly name: string;
  /** What lists and editors say of it. */
  readonly about?: About;
  /** Its parameters; `z.object({})` where it has none. */
  readonly params: P;
  /** How it learns with these parameters, or nothing when they leave nothing to learn. */
  readonly fit?: (params: z.output<P>) => Fit<z.output<P>> | undefined;
}

/** A scorer in tensor algebra: traced once, fused with the other detectors, differentiable, exportable. */
export interface SymbolicScorer<P extends ParametersSchema = ParametersSchema> extends ScorerBase<P> {
  /** Returns the score, (N,), higher = more in-distribution. Nothing is computed while it is traced. */
  readonly score: (context: ScoreContext, params: z.output<P>, learnt: LearntTensors) => Tensor;
}

/** A scorer that is no tensor algebra: an ordinary function over typed arrays. It cannot be differentiated or exported. */
export interface RowsScorer<P extends ParametersSchema = ParametersSchema> extends ScorerBase<P> {
  /** Returns one score per row, higher = more in-distribution. Called once per block of rows; must not keep or change them. */
  readonly scoreRows: (rows: ScoreRows, params: z.output<P>, learnt: Learnt) => Float32Array | Promise<Float32Array>;
}

/** Features and logits → one score per image, higher = more in-distribution. */
export type ScorerDefinition<P extends ParametersSchema = ParametersSchema> = SymbolicScorer<P> | RowsScorer<P>;

/** Types a scorer. See `ScorerDefinition`. */
export const defineScorer = <P extends ParametersSchema>(definition: ScorerDefinition<P>): ScorerDefinition =>
  definition;

/**
 * What a report may draw: the metrics against one parameter of the hook, everything else as it is. The hook is fitted again for
 * each value, on at most 2,000 images, so only one that learns quickly declares a sweep. There is none where a part behind
 * the hook learns.
 */
export interface HookSweep<P extends ParametersSchema = ParametersSchema> {
  /** The parameter, as the report calls it. */
  readonly parameter: string;
  /** Its values, ascending, finite. */
  readonly values: readonly number[];
  /** The hook's parameters with another value; `parameter` alone is replaced when absent. */
  readonly set?: (params: z.output<P>, value: number) => Readonly<Record<string, unknown>>;
  /** Which value these parameters amount to, of which `rows` are the features that the hook learns from; undefined for none. */
  readonly chosen?: (params: z.output<P>, rows: FitRows) => number | undefined | Promise<number | undefined>;
}

/**
 * A rewrite of the network's last stages. Each member it has replaces its part; hooks apply in the order written. They
 * are traced once: tensors in, tensor out, nothing is computed while they run.
 */
export interface HookDefinition<P extends ParametersSchema = ParametersSchema> {
  /** What experiments call it. */
  readonly name: string;
  /** What lists and editors say of it. */
  readonly about?: About;
  /** Its parameters; `z.object({})` where it has none. */
  readonly params: P;
  /** How it learns with these parameters, or nothing when they leave nothing to learn. */
  readonly fit?: (params: z.output<P>) => Fit<z.output<P>> | undefined;
  /** A parameter over which a report may sweep. */
  readonly sweep?: HookSweep<P>;
  /** Penultimate features h, (N, D) → (N, D). */
  readonly features?: (h: Tensor, params: z.output<P>, learnt: LearntTensors) => Tensor;
  /** The last layer, seen before any image: (K, D) and (K). */
  readonly head?: (head: Head, params: z.output<P>, learnt: LearntTensors) => Head;
  /** Logits z, (N, K) → (N, K). */
  readonly logits?: (z: Tensor, params: z.output<P>, learnt: LearntTensors) => Tensor;
}

/** Types a hook. See `HookDefinition`. */
export const defineHook = <P extends ParametersSchema>(definition: HookDefinition<P>): HookDefinition => definition;

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
