import { averageOfSets, printable, type DatasetSummary, type MetricResult, type RunResults } from '@farout/core';
import { mergedErrors, type ErrorRow } from './merged-errors.ts';
import { counted, idAccuracy, readable } from './numbers.ts';
import { experimentDifferences } from './experiment-differences.ts';
import { constantDetectors, notable } from './shortfalls.ts';
import { metricTables, type TableSource } from './tables.ts';
import { betweenRuns, drawBetween, type ScoredRun } from './between-runs.ts';
import { drawTables, legend, listed, styleFor, type Style, type Terminal } from './terminal.ts';

/** A run and its unique name in the tables. If it has scores, differences are tested. */
export type NamedRun = ScoredRun;

/**
 * Compares runs as text for a terminal: one table per metric with a row for every detector of every run, the differences between the
 * experiments, tests of AUROC differences, and the reasons why some numbers cannot be compared. Ends with a line break.
 */
export function compareRuns(runs: readonly NamedRun[], { colour, width }: Terminal): string {
  const style = styleFor(colour);
  const merged = mergeRuns(runs);
  const rows = new Set(merged.results.map(({ detector }) => detector));
  const shownConstants = [...new Set(merged.constant)].filter((name) => rows.has(name));
  const tables = drawTables(metricTables(merged), width, style);
  const between = runs.some(({ scores }) => scores) ? betweenRuns(runs) : undefined;
  const sentences = [...incomparable(runs), ...(between?.untested ?? [])];
  const warnings = sentences.map((sentence) => style.yellow(printable(sentence)));
  const differing = experimentDifferences(runs).map((line) => `  ${printable(line)}`);
  const sections = [
    accuracies(runs, style),
    ...(differing.length > 0 ? [[style.bold('Differences between the experiments'), ...differing].join('\n')] : []),
    ...tables,
    ...(tables.length > 0 ? [legend(merged, style)] : []),
    ...(between && between.tested.length > 0 ? [drawBetween(between, style)] : []),
    ...constantDetectors({ constant: shownConstants }).map((shortfall) => listed(shortfall, style)),
    ...runs.flatMap(({ name, results }) =>
      notable(results).map(({ title, lines }) => listed({ title: `${name}: ${title}`, lines }, style)),
    ),
    ...(warnings.length > 0 ? [warnings.join('\n')] : []),
  ];
  return `${sections.join('\n\n')}\n`;
}

/** The ID accuracy of each run: equal if backbone and ID set are equal. */
function accuracies(runs: readonly NamedRun[], style: Style): string {
  const widest = Math.max(...runs.map(({ name }) => printable(name).length));
  const lines = runs.map(({ name, results }) => {
    const { accuracy, set } = idAccuracy(results);
    return `${style.bold(printable(name).padEnd(widest))}  ID accuracy ${style.bold(accuracy)}  ${style.dim(printable(set))}`;
  });
  return lines.join('\n');
}

/** The results of a run that the comparison keeps. */
interface RunRows {
  readonly name: string;
  readonly run: RunResults;
  readonly results: readonly MetricResult[];
}

/**
 * Merges runs into one table source. A detector whose numbers agree in all runs gets one row. Otherwise each run has a row, and rows of
 * the same detector are adjacent. Averages, including group averages, are kept if all runs average over the same sets. Constant and
 * tied detectors are listed under the names of their rows.
 */
function mergeRuns(runs: readonly NamedRun[]): TableSource {
  const averaged = sameSets(runs);
  const twofold = twofoldGroups(runs);
  const kept = runs.map(({ name, results: run }) => ({
    name,
    run,
    results: run.results.filter(({ ood }) =>
      Object.hasOwn(run.groups ?? {}, ood) ? !twofold.includes(ood) : averaged || ood !== averageOfSets,
    ),
  }));
  const groups = runs.flatMap(({ results }) => Object.entries(results.groups ?? {}));
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
    paired: mergedErrors(merged),
    constant,
    tied: Object.fromEntries(tied),
    datasets: smallestSets(runs),
    groups: Object.fromEntries(groups.filter(([group]) => !twofold.includes(group))),
  };
}

/** For each dataset name, the smallest set, with the roles of all: a column is only as reliable as its smallest set. */
function smallestSets(runs: readonly NamedRun[]): Record<string, DatasetSummary> {
  const sets = new Map<string, DatasetSummary>();
  for (const [name, set] of runs.flatMap(({ results }) => Object.entries(results.datasets))) {
    const known = sets.get(name) ?? set;
    const smaller = readable(set) < readable(known) ? set : known;
    sets.set(name, { ...smaller, roles: [...new Set([...known.roles, ...set.roles])] });
  }
  return Object.fromEntries(sets);
}

/** One row for a detector if all runs agree on it, otherwise one row per run. */
function rowsOf(detector: string, runs: readonly RunRows[]): ErrorRow[] {
  const rows = runs.map(({ name, run, results }) => ({
    name: rowName(detector, name),
    detector,
    runs: [run],
    results: results.filter((result) => result.detector === detector),
  }));
  const numbers = distinct(rows.map(({ results }) => JSON.stringify(results)));
  return numbers.length === 1 && runs.length > 1
    ? [{ ...rows[0]!, name: detector, runs: runs.map(({ run }) => run) }]
    : rows.filter(({ results }) => results.length > 0);
}

const rowName = (detector: string, run: string) => `${detector}, ${run}`;

/** The metrics of all runs, in order of first appearance. */
const metricsOf = (runs: readonly NamedRun[]) => [
  ...new Map(runs.flatMap(({ results }) => results.metrics).map((metric) => [metric.name, metric])).values(),
];

const distinct = (names: readonly string[]) => [...new Set(names)];

/** Why numbers of the runs cannot be compared, one sentence each: sets with different images, and other conditions. */
export const incomparable = (runs: readonly NamedRun[]): string[] => [
  ...testedApart(runs),
  ...otherIdSets(runs),
  ...setsOfOtherImages(runs),
  ...leftOutByMachines(runs),
  ...(sameSets(runs) ? [] : ['The runs have different OOD sets, so averages are left out.']),
  ...twofoldGroups(runs).map(
    (group) => `The group "${group}" does not cover the same sets in all runs and is left out.`,
  ),
];

/** How marks compare rows of different runs, if all runs have standard errors of differences. */
const testedApart = (runs: readonly NamedRun[]): string[] =>
  runs.length > 1 && runs.every(({ results }) => results.paired !== undefined)
    ? [
        'Marks compare rows of different runs as if on independent images: on the same images, smaller differences are detectable.',
      ]
    : [];

/** Whether all runs have the same OOD sets, so their averages cover the same sets. */
const sameSets = (runs: readonly NamedRun[]): boolean =>
  new Set(
    runs.map(({ results }) =>
      JSON.stringify(
        setsOf(results, 'ood')
          .map(([name]) => name)
          .sort(),
      ),
    ),
  ).size === 1;

/** Names that are a group in one run, but a different group or a set in another. */
function twofoldGroups(runs: readonly NamedRun[]): string[] {
  const found = runs.flatMap(({ results }) => [
    ...Object.entries(results.groups ?? {}),
    ...setsOf(results, 'ood').map(([name]) => [name, [name]] as const),
  ]);
  const names = runs.flatMap(({ results }) => Object.keys(results.groups ?? {}));
  const meanings = (name: string) =>
    found.filter(([each]) => each === name).map(([, sets]) => JSON.stringify(sets.toSorted()));
  return distinct(names).filter((name) => new Set(meanings(name)).size > 1);
}

/** Compares the images, not the names, of the ID sets. */
function otherIdSets(runs: readonly NamedRun[]): string[] {
  const prints = runs.map(({ results }) =>
    JSON.stringify(setsOf(results, 'id').map(([, { fingerprint }]) => fingerprint)),
  );
  return new Set(prints).size === 1 ? [] : ['The runs have different ID images, and every number depends on them.'];
}

function setsOfOtherImages(runs: readonly NamedRun[]): string[] {
  const prints = new Map<string, Set<string>>();
  for (const { results } of runs) {
    for (const [name, { fingerprint }] of setsOf(results, 'ood')) {
      prints.set(name, (prints.get(name) ?? new Set()).add(fingerprint));
    }
  }
  const differing = [...prints].filter(([, { size }]) => size > 1);
  return differing.map(([name]) => `"${name}" does not hold the same images in all runs.`);
}

/** Images that one run could not read although they may be intact, so another run may have read them. */
const leftOutByMachines = (runs: readonly NamedRun[]): string[] =>
  runs.flatMap(({ name, results }) =>
    Object.entries(results.datasets).flatMap(([dataset, { unreadable }]) => {
      const count = unreadable.filter(({ cause }) => cause === 'machine').length;
      if (count === 0) return [];
      return [
        `${name} lacks ${counted(count, 'image')} of "${dataset}" that its machine could not read: run it again.`,
      ];
    }),
  );

const setsOf = ({ datasets }: RunResults, role: 'id' | 'ood') =>
  Object.entries(datasets).filter(([, { roles }]) => roles.includes(role));
