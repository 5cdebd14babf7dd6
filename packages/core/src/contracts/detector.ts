import type { Tensor } from '@farout/tensor';
import type { Head } from './backbone.ts';
import type { Fit, LearntTensors, RowScoring } from './fit.ts';
import type { NetworkView, Readings } from './network.ts';
import type { About, ParametersSchema, z } from './part.ts';
import type { PartSection } from './report.ts';

/** What hooks and scorers have in common; each member that a method does not need is absent. */
interface DetectorPart<P extends ParametersSchema> {
  /** What experiments call it. */
  readonly name: string;
  /** What lists and editors say of it. */
  readonly about?: About;
  /** Its parameters; absent where it has none. */
  readonly params?: P;
  /**
   * Parameters that others publish, by a name that an experiment writes: `preset: openood`. A value may be several, `{ sweep: [80, 90] }`.
   */
  readonly presets?: Readonly<Record<string, Preset<P>>>;
  /**
   * What the part wants of each image besides features and logits: named tensors of the network behind the hooks written before the
   * part, float32, images along the first axis. They are computed in the one pass over the images and kept in the store.
   */
  readonly readings?: (network: NetworkView, params: z.output<P>) => Readings;
  /** Readings that depend on the image and on what the part's own steps have learnt: they cost a second pass over the images. */
  readonly readingsAfter?: (network: NetworkView, params: z.output<P>, at: LearntContext) => Readings;
  /** How it learns with these parameters: a step, several in their order, or nothing when they leave nothing to learn. */
  readonly fit?: (params: z.output<P>) => Fit | readonly Fit[] | undefined;
  /** It draws numbers: only then it has `seed`, and an experiment of several seeds repeats the detectors that it is a part of. */
  readonly draws?: true;
  /** What reports show of it, in this order. */
  readonly sections?: readonly PartSection<P>[];
}

/** Values for some parameters of a part, as an experiment writes them. */
export type Preset<P extends ParametersSchema = ParametersSchema> = {
  readonly [N in keyof z.input<P>]?: z.input<P>[N] | { readonly sweep: readonly z.input<P>[N][] };
};

/** What a part learnt, for what is traced. */
export interface LearntContext {
  readonly learnt: LearntTensors;
}

/** What a symbolic scorer has besides the network. */
export interface ScoreContext extends LearntContext {
  /** Its own readings. */
  readonly readings: Readings;
}

/** A scorer in tensor algebra: traced once, fused with the other detectors, differentiable, exportable. */
export interface SymbolicScorer<P extends ParametersSchema = ParametersSchema> extends DetectorPart<P> {
  /**
   * Which of its readings the score reads; all when absent. Others, that only its steps read, are made of the sets alone that it learns
   * from.
   */
  readonly reads?: readonly string[];
  /**
   * Returns the score, (N,), higher = more in-distribution. Nothing is computed while it is traced. One that touches the image is a
   * reading as a whole; the others are computed from stored rows.
   */
  readonly score: (network: NetworkView, params: z.output<P>, at: ScoreContext) => Tensor;
}

/** A scorer that is no tensor algebra: an ordinary function over typed arrays. It cannot be differentiated or exported. */
export interface RowsScorer<P extends ParametersSchema = ParametersSchema> extends DetectorPart<P> {
  /** What `scoresFrom` makes: the rows that it reads, and how it scores them. */
  readonly rows: (params: z.output<P>) => RowScoring;
}

/** Features and logits → one score per image, higher = more in-distribution. */
export type ScorerDefinition<P extends ParametersSchema = ParametersSchema> = SymbolicScorer<P> | RowsScorer<P>;

/** Types a scorer. See `ScorerDefinition`. */
export const defineScorer = <P extends ParametersSchema = NoParameters>(
  definition: ScorerDefinition<P>,
): ScorerDefinition => definition;

/** The schema of a part that has no parameters. */
export type NoParameters = z.ZodObject<Record<string, never>>;

/** What a hook knows besides what it rewrites. */
export interface HookContext extends ScoreContext {
  /** The last layer, as the hooks leave it. */
  readonly head: Head;
}

/**
 * A rewrite of the network's last stages. Each member it has replaces its part; hooks apply in the order written. They
 * are traced once: tensors in, tensor out, nothing is computed while they run.
 */
export interface HookDefinition<P extends ParametersSchema = ParametersSchema> extends DetectorPart<P> {
  /** It puts other features in the place of the network's, so that hooks before it would be lost: it must be a detector's first part. */
  readonly first?: true;
  /**
   * The map that the global pooling reads, (N, C, H, W) → the same shape; nothing when these parameters leave it as it is. A detector
   * with such a hook needs a pass over the images of its own.
   */
  readonly map?: (params: z.output<P>) => ((map: Tensor, at: LearntContext) => Tensor) | undefined;
  /** Penultimate features h, (N, D) → (N, D). */
  readonly features?: (h: Tensor, params: z.output<P>, at: HookContext) => Tensor;
  /** The last layer, seen before any image: (K, D) and (K). */
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
