import type { HookDefinition, TraceablePart } from '@farout/core';

/** The rectification threshold of the first hook that has one: what it calls `c`, learnt or given; undefined without. */
export function hookThreshold(hooks: readonly TraceablePart<HookDefinition>[]): number | undefined {
  for (const { params, learnt } of hooks) {
    if (learnt.c?.data.length === 1) return Number(learnt.c.data[0]);
    if (typeof params.c === 'number') return params.c;
  }
  return undefined;
}
