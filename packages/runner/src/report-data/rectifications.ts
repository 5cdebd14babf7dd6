import type { Rectification } from '@farout/core';
import { hashData } from '../store/entries.ts';
import { rectification } from './rectification.ts';
import type { ReportSources, ScoredDetector } from './report-sources.ts';
import { unlessItFails } from './unless-it-fails.ts';

/**
 * What hooks do to the features of all sets, the ID set first: one for all detectors whose hooks are the same. One that
 * cannot be made costs a warning and not the others'.
 */
export async function rectifications(
  scored: readonly ScoredDetector[],
  { experiment, sets, fitting, signal, logger }: ReportSources,
): Promise<Rectification[]> {
  const compared = new Map([experiment.id, ...experiment.ood].map((name) => [name, sets.get(name)!]));
  const made: Rectification[] = [];
  for (const group of withSameHooks(scored)) {
    const detectors = group.map(({ detector }) => detector.name);
    const seen = async () => [await rectification(group[0]!.fitted.hooks, compared, fitting.stages, signal)];
    const what = `what the hooks of ${detectors.map((name) => `"${name}"`).join(', ')} do`;
    const [drawn] = await unlessItFails(what, seen, { logger, signal });
    if (drawn) made.push({ detectors, ...drawn });
  }
  return made;
}

/** The detectors that rewrite features, those with the same hooks and parameters together. */
function withSameHooks(scored: readonly ScoredDetector[]): Iterable<ScoredDetector[]> {
  const groups = new Map<string, ScoredDetector[]>();
  for (const one of scored) {
    const { hooks } = one.detector;
    if (!hooks.some(({ definition }) => definition.features)) continue;
    const key = hashData(hooks.map(({ origin, definition, params }) => [origin, definition.name, params]));
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return groups.values();
}
