import { averageOfSets, type RunResults } from '@oodkit/core';
import { sameSets } from './incomparable.ts';
import type { NamedRun } from './named-run.ts';

/** What the tables of several runs are made of. */
export type MergedResults = Pick<RunResults, 'metrics' | 'results'>;

/**
 * Runs as one: a detector of each run is a row of its own, those of the same name below each other. Averages are kept
 * where all runs average over the same sets.
 */
export function mergeRuns(runs: readonly NamedRun[]): MergedResults {
  const averaged = sameSets(runs);
  const named = runs.flatMap(({ name, results: { results } }) =>
    results
      .filter(({ ood }) => averaged || ood !== averageOfSets)
      .map((result) => ({ of: result.detector, result: { ...result, detector: `${result.detector}, ${name}` } })),
  );
  const detectors = distinct(named.map(({ of }) => of));
  const results = detectors.flatMap((detector) =>
    named.filter(({ of }) => of === detector).map(({ result }) => result),
  );
  return { metrics: metricsOf(runs), results };
}

/** The metrics of all runs, in the order of the first that has them. */
const metricsOf = (runs: readonly NamedRun[]) => [
  ...new Map(runs.flatMap(({ results }) => results.metrics).map((metric) => [metric.name, metric])).values(),
];

const distinct = (names: readonly string[]) => [...new Set(names)];
