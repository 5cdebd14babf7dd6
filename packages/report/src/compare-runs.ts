import { averageOfSets, type DatasetSummary, type MetricResult, printable } from '@farout/core';
import { differences, incomparable, type NamedRun, sameSets } from './differences.ts';
import { idAccuracy } from './numbers.ts';
import { constantDetectors, notable } from './shortfalls.ts';
import { metricTables, readable, type TableSource } from './tables.ts';
import { listed, type Terminal } from './terminal-table.ts';
import { drawTables, legend, type Style, styleFor } from './terminal.ts';

/**
 * Runs side by side as text for a terminal: one table per metric, a row for every detector of every run, how the experiments
 * differ, and what keeps their numbers from being compared. Ends with a line break.
 */
export function compareRuns(runs: readonly NamedRun[], { colour, width }: Terminal): string {
  const style = styleFor(colour);
  const merged = mergeRuns(runs);
  const rows = new Set(merged.results.map(({ detector }) => detector));
  const shownConstants = [...new Set(merged.constant)].filter((name) => rows.has(name));
  const tables = drawTables(metricTables(merged), width, style);
  const warnings = incomparable(runs).map((sentence) => style.yellow(printable(sentence)));
  const differing = differences(runs).map((line) => `  ${printable(line)}`);
  const sections = [
    accuracies(runs, style),
    ...(differing.length > 0 ? [[style.bold('The experiments differ in'), ...differing].join('\n')] : []),
    ...tables,
    ...(tables.length > 0 ? [legend(merged, style)] : []),
    ...constantDetectors({ constant: shownConstants }).map((shortfall) => listed(shortfall, style)),
    ...runs.flatMap(({ name, results }) =>
      notable(results).map(({ title, lines }) => listed({ title: `${name}: ${title}`, lines }, style)),
    ),
    ...(warnings.length > 0 ? [warnings.join('\n')] : []),
  ];
  return `${sections.join('\n\n')}\n`;
}

/** The ID accuracy of each run: equal where backbone and ID set are. */
function accuracies(runs: readonly NamedRun[], style: Style): string {
  const widest = Math.max(...runs.map(({ name }) => printable(name).length));
  const lines = runs.map(({ name, results }) => {
    const { accuracy, set } = idAccuracy(results);
    return `${style.bold(printable(name).padEnd(widest))}  ID accuracy ${style.bold(accuracy)}  ${style.dim(printable(set))}`;
  });
  return lines.join('\n');
}

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
function mergeRuns(runs: readonly NamedRun[]): TableSource {
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
