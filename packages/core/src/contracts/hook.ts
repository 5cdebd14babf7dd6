import type { Tensor } from '@farout/tensor';
import type { About } from './about.ts';
import type { Head } from './backbone.ts';
import type { ParametersSchema, z } from './parameters.ts';
import type { Fit } from './rows.ts';

/** What a part learnt, as constants of the graph that is being traced. */
export type LearntTensors = Readonly<Record<string, Tensor>>;

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
  /** Penultimate features h, (N, D) → (N, D). */
  readonly features?: (h: Tensor, params: z.output<P>, learnt: LearntTensors) => Tensor;
  /** The last layer, seen before any image: (K, D) and (K). */
  readonly head?: (head: Head, params: z.output<P>, learnt: LearntTensors) => Head;
  /** Logits z, (N, K) → (N, K). */
  readonly logits?: (z: Tensor, params: z.output<P>, learnt: LearntTensors) => Tensor;
}

/** Types a hook. See `HookDefinition`. */
export const defineHook = <P extends ParametersSchema>(definition: HookDefinition<P>): HookDefinition => definition;
