import type { Tensor } from '@farout/tensor';
import type { Head } from './backbone.ts';
import type { Fit, Learnt, LearntTensors, Rows } from './fit.ts';
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
