import { contentDifferences } from './content-differences.ts';
import type { NamedRun } from './named-run.ts';

/** Keys that name or place a run and change no number. */
const ofNoMatter = new Set(['name', 'store']);
/** What stands for a key that an experiment has not. */
const none = '—';
/** How many differences are told; two experiments that share nothing differ in everything. */
const told = 12;

/**
 * How the experiments of runs differ: what changed under the same path, and a line for each key,
 * `detectors.ReAct.0.react.percentile: 90 | 70`.
 */
export function differences(runs: readonly NamedRun[]): string[] {
  const experiments = runs.map(({ results }) => flattened(results.experiment));
  const keys = [...new Set(experiments.flatMap((experiment) => [...experiment.keys()]))];
  const lines = contentDifferences(runs);
  for (const key of keys) {
    const values = experiments.map((experiment) => experiment.get(key) ?? none);
    if (new Set(values).size > 1 && !ofNoMatter.has(key)) lines.push(`${key}: ${values.join(' | ')}`);
  }
  const rest = lines.length - told;
  return rest > 0 ? [...lines.slice(0, told), `and ${rest} more`] : lines;
}

/** Every single value of an experiment by its path; what is empty, such as a part without parameters, is one too. */
function flattened(
  value: unknown,
  path: readonly string[] = [],
  into = new Map<string, string>(),
): Map<string, string> {
  const inner = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  if (inner.length === 0) into.set(path.join('.'), typeof value === 'string' ? value : JSON.stringify(value));
  for (const [key, each] of inner) flattened(each, [...path, key], into);
  return into;
}
