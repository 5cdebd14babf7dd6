import type { HookDefinition } from '@farout/core';
import type { Detector, Part } from '../experiment.ts';

/** A detector as it would be with other percentiles: which of its hooks takes one, and the detector for each. */
export interface PercentileVariants {
  readonly hook: number;
  readonly detectors: readonly Detector[];
}

/**
 * The detector once for each percentile, called by it. The first hook that has a parameter `percentile` gets it, in the
 * place of its threshold `c` too, if that is given. Undefined when no hook has one.
 */
export function percentileVariants(
  { hooks, scorer }: Detector,
  percentiles: readonly number[],
): PercentileVariants | undefined {
  const index = hooks.findIndex((hook) => withPercentile(hook, percentiles[0]!) !== undefined);
  if (index === -1) return undefined;
  const detectors = percentiles.map((percentile) => {
    const changed = withPercentile(hooks[index]!, percentile);
    return { name: String(percentile), hooks: hooks.with(index, changed!), scorer };
  });
  return { hook: index, detectors };
}

function withPercentile(hook: Part<HookDefinition>, percentile: number): Part<HookDefinition> | undefined {
  const others = Object.entries(hook.params).filter(([name]) => name !== 'c');
  const { data } = hook.definition.params.safeParse({ ...Object.fromEntries(others), percentile });
  return data?.percentile === percentile ? { ...hook, params: data } : undefined;
}
