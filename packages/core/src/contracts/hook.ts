import type { Tensor } from '@farout/tensor';
import type { Head } from './backbone.ts';
import type { Fit, FitRows, LearntTensors } from './fit.ts';
import type { About, ParametersSchema, z } from './part.ts';

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
