import { averageOfSets, type DatasetSummary, type MetricResult } from '@farout/core';
import { readable, type TableSource } from './best.ts';
import { sameSets } from './incomparable.ts';
import type { NamedRun } from './named-run.ts';

/** A detector of the table, with the run that it is from where not all runs agree on it. */
interface MergedDetector {
  readonly name: string;
  readonly results: readonly MetricResult[];
}

/**
 * Runs as one. A detector whose numbers are the same in all runs is one row; of others each run has a row, those of the
 * same name below each other. Averages are kept where all runs average over the same sets. Detectors
 * that gave all images the same score, or many ID images that of the threshold, go by the names of their rows.
 */
export function mergeRuns(runs: readonly NamedRun[]): TableSource {
  const averaged = sameSets(runs);
  const kept = runs.map(({ name, results: { results } }) => ({
    name,
    results: results.filter(({ ood }) => averaged || ood !== averageOfSets),
  }));
  const detectors = distinct(kept.flatMap(({ results }) => results.map(({ detector }) => detector)));
  const merged = detectors.flatMap((detector) => rowsOf(detector, kept));
  const constant = runs.flatMap(({ name, results }) =>
    results.constant.flatMap((detector) => [detector, rowName(detector, name)]),
  );
  const tied = runs.flatMap(({ name, results }) =>
    Object.entries(results.tied ?? {}).flatMap(([detector, share]): [string, number][] => [
      [detector, share],
      [rowName(detector, name), share],
    ]),
  );
  return {
    metrics: metricsOf(runs),
    results: merged.flatMap(({ name, results }) => results.map((result) => ({ ...result, detector: name }))),
    constant,
    tied: Object.fromEntries(tied),
    datasets: smallestSets(runs),
  };
}

/** Of datasets of one name the smallest, in all roles that they have: no column has more images behind all of its numbers. */
function smallestSets(runs: readonly NamedRun[]): Record<string, DatasetSummary> {
  const sets = new Map<string, DatasetSummary>();
  for (const [name, set] of runs.flatMap(({ results }) => Object.entries(results.datasets))) {
    const known = sets.get(name) ?? set;
    const smaller = readable(set) < readable(known) ? set : known;
    sets.set(name, { ...smaller, roles: [...new Set([...known.roles, ...set.roles])] });
  }
  return Object.fromEntries(sets);
}

function rowsOf(detector: string, runs: readonly MergedDetector[]): MergedDetector[] {
  const rows = runs.map(({ name, results }) => ({
    name: rowName(detector, name),
    results: results.filter((result) => result.detector === detector),
  }));
  const numbers = distinct(rows.map(({ results }) => JSON.stringify(results)));
  return numbers.length === 1 && runs.length > 1
    ? [{ name: detector, results: rows[0]!.results }]
    : rows.filter(({ results }) => results.length > 0);
}

const rowName = (detector: string, run: string) => `${detector}, ${run}`;

/** The metrics of all runs, in the order of the first that has them. */
const metricsOf = (runs: readonly NamedRun[]) => [
  ...new Map(runs.flatMap(({ results }) => results.metrics).map((metric) => [metric.name, metric])).values(),
];

const distinct = (names: readonly string[]) => [...new Set(names)];
