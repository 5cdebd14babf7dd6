import type { RunResults } from '@farout/core';
import type { NamedRun } from './compare-runs.ts';

/** Keys that only name or locate a run and affect no number. */
const ofNoMatter = new Set(['name', 'store']);
/** Shown for a key that an experiment lacks. */
const none = '—';
/** How many differences to list at most: unrelated experiments differ in everything. */
const told = 12;

/**
 * Lists how the experiments of runs differ: first content that changed under the same path, then one line per key, such as
 * `detectors.ReAct.0.react.percentile: 90 | 70`.
 */
export function experimentDifferences(runs: readonly NamedRun[]): string[] {
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

/** The leaf values of an experiment by path. An empty object or array, such as a part without parameters, is a leaf. */
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

/** Content that an experiment refers to by name only. */
interface Content {
  readonly title: string;
  /** What the experiment says about it. */
  readonly said: (experiment: Readonly<Record<string, unknown>>) => unknown;
  /** SHA-256 of what the run found; undefined if the run did not record it. */
  readonly found: (results: RunResults) => string | undefined;
}

const contents: readonly Content[] = [
  {
    title: 'SHA-256 of the network with its weights',
    said: ({ backbone }) => backbone,
    found: ({ hashes }) => hashes.backbone,
  },
  {
    title: 'SHA-256 of the last layer',
    said: ({ backbone }) => backbone,
    found: ({ hashes }) => hashes.head,
  },
  {
    title: "SHA-256 of the fit set's images",
    said: ({ fit, datasets }) => [fit, (datasets as Readonly<Record<string, unknown>> | undefined)?.[String(fit)]],
    found: ({ datasets }) => Object.values(datasets).find(({ roles }) => roles.includes('fit'))?.fingerprint,
  },
];

/** How many digits of a hash are shown: enough to distinguish any two. */
const digits = 12;

/** Content that differs although the experiments agree: weights or images that changed under the same path. */
export const contentDifferences = (runs: readonly NamedRun[]): string[] =>
  contents
    .filter((content) => isTwofold(content, runs))
    .map(({ title, found }) => {
      const hashes = runs.map(({ results }) => found(results)?.slice(0, digits) ?? '—');
      return `${title}: ${hashes.join(' | ')}`;
    });

/** Whether two runs describe a content identically but found different hashes. */
function isTwofold({ said, found }: Content, runs: readonly NamedRun[]): boolean {
  const first = new Map<string, string>();
  return runs.some(({ results }) => {
    const experiment = (results.experiment ?? {}) as Parameters<Content['said']>[0];
    const [words, hash] = [JSON.stringify(said(experiment)), found(results)];
    if (hash === undefined) return false;
    if (!first.has(words)) first.set(words, hash);
    return first.get(words) !== hash;
  });
}
