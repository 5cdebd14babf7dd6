import type { HookDefinition, ScorerDefinition, TraceablePart } from '@farout/core';

/** A detector that is ready to be traced: its parts know what they learnt. */
export interface FittedDetector {
  readonly name: string;
  readonly hooks: readonly TraceablePart<HookDefinition>[];
  readonly scorer: TraceablePart<ScorerDefinition>;
}
