import type { Tensor } from '@farout/tensor';
import type { Head } from './backbone.ts';
import type { Fit, LearntTensors, RowScoring } from './fit.ts';
import type { NetworkView, Readings } from './network.ts';
import type { About, ParametersSchema, z } from './part.ts';
import type { PartSection } from './report.ts';

/** The common part of hooks and scorers; members that a method does not need are omitted. */
interface DetectorPart<P extends ParametersSchema> {
  /** Its name in experiments. */
  readonly name: string;
  /** Its description in lists and editors. */
  readonly about?: About;
  /** Its parameters; absent if it has none. */
  readonly params?: P;
  /** Published parameter values, by the name that an experiment uses: `preset: openood`. A value may be a sweep, `{ sweep: [80, 90] }`. */
  readonly presets?: Readonly<Record<string, Preset<P>>>;
  /**
   * What the part needs from each image besides features and logits: named tensors of the network after the hooks written before the part,
   * float32, images along the first axis. They are computed in the single pass over the images and kept in the store.
   */
  readonly readings?: (network: NetworkView, params: z.output<P>) => Readings;
  /** Readings that depend on the image and on what the part has learnt; they cost a second pass over the images. */
  readonly readingsAfter?: (network: NetworkView, params: z.output<P>, at: LearntContext) => Readings;
  /** How it learns with these parameters: one step, several in order, or undefined if there is nothing to learn. */
  readonly fit?: (params: z.output<P>) => Fit | readonly Fit[] | undefined;
  /** Set if it draws random numbers. Only then may it read `seed`, and an experiment with several seeds repeats the detectors that contain it. */
  readonly draws?: true;
  /** Its sections in reports, in this order. */
  readonly sections?: readonly PartSection<P>[];
}

/** Values for some parameters of a part, as an experiment writes them. */
export type Preset<P extends ParametersSchema = ParametersSchema> = {
  readonly [N in keyof z.input<P>]?: z.input<P>[N] | { readonly sweep: readonly z.input<P>[N][] };
};

/** What a part learnt, for tracing. */
export interface LearntContext {
  readonly learnt: LearntTensors;
}

/** What a symbolic scorer receives besides the network. */
export interface ScoreContext extends LearntContext {
  /** Its own readings. */
  readonly readings: Readings;
}

/** A scorer in tensor algebra: traced once, fused with the other detectors, differentiable, exportable. */
export interface SymbolicScorer<P extends ParametersSchema = ParametersSchema> extends DetectorPart<P> {
  /**
   * Which of its readings the score reads; all when absent. Readings that only its learning steps read are computed only for the sets it
   * learns from.
   */
  readonly reads?: readonly string[];
  /**
   * Returns the score, (N,), higher = more in-distribution. It is traced, so nothing is computed when it runs. A score that uses the image
   * is stored as a reading; others are computed from stored rows.
   */
  readonly score: (network: NetworkView, params: z.output<P>, at: ScoreContext) => Tensor;
}

/** A scorer that is not written with tensors: an ordinary function over typed arrays. It cannot be differentiated or exported. */
export interface RowsScorer<P extends ParametersSchema = ParametersSchema> extends DetectorPart<P> {
  /** The result of `scoresFrom`: the rows that it reads, and how it scores them. */
  readonly rows: (params: z.output<P>) => RowScoring;
}

/** Features and logits → one score per image, higher = more in-distribution. */
export type ScorerDefinition<P extends ParametersSchema = ParametersSchema> = SymbolicScorer<P> | RowsScorer<P>;

/** Types a scorer. See `ScorerDefinition`. */
export const defineScorer = <P extends ParametersSchema = NoParameters>(
  definition: ScorerDefinition<P>,
): ScorerDefinition => definition;

/** The schema of a part without parameters. */
export type NoParameters = z.ZodObject<Record<string, never>>;

/** What a hook receives besides the value it rewrites. */
export interface HookContext extends ScoreContext {
  /** The last layer, after the hooks. */
  readonly head: Head;
}

/**
 * Rewrites the last stages of the network. Each member replaces one stage; hooks apply in the order written. They are traced once, from
 * tensors to a tensor, so nothing is computed when they run.
 */
export interface HookDefinition<P extends ParametersSchema = ParametersSchema> extends DetectorPart<P> {
  /** Set if it replaces the network's features, so that hooks before it would have no effect: it must be a detector's first part. */
  readonly first?: true;
  /**
   * The map that the global pooling reads, (N, C, H, W) → the same shape; undefined if these parameters do not change it. A detector with
   * such a hook needs its own pass over the images.
   */
  readonly map?: (params: z.output<P>) => ((map: Tensor, at: LearntContext) => Tensor) | undefined;
  /** Penultimate features h, (N, D) → (N, D). */
  readonly features?: (h: Tensor, params: z.output<P>, at: HookContext) => Tensor;
  /** Rewrites the last layer before any image is seen: (K, D) and (K). */
  readonly head?: (head: Head, params: z.output<P>, at: LearntContext) => Head;
  /** Logits z, (N, K) → (N, K). */
  readonly logits?: (
    z: Tensor,
    params: z.output<P>,
    at: HookContext & Pick<NetworkView, 'features' | 'headInput'>,
  ) => Tensor;
}

/** Types a hook. See `HookDefinition`. */
export const defineHook = <P extends ParametersSchema = NoParameters>(definition: HookDefinition<P>): HookDefinition =>
  definition;
