import { averageOfSets, printable, type DatasetSummary, type MetricResult, type RunResults } from '@farout/core';
import { counted, idAccuracy, readable } from './numbers.ts';
import { constantDetectors, notable } from './shortfalls.ts';
import { metricTables, type TableSource } from './tables.ts';
import { drawTables, legend, listed, styleFor, type Style, type Terminal } from './terminal.ts';

/** A run and what tables call it, unlike any other of the comparison. */
export interface NamedRun {
  readonly name: string;
  readonly results: RunResults;
}

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
 * same name below each other. Averages, those of groups too, are kept where all runs average over the same sets. Detectors
 * that gave all images the same score, or many ID images that of the threshold, go by the names of their rows.
 */
function mergeRuns(runs: readonly NamedRun[]): TableSource {
  const averaged = sameSets(runs);
  const twofold = twofoldGroups(runs);
  const kept = runs.map(({ name, results: { results, groups = {} } }) => ({
    name,
    results: results.filter(({ ood }) =>
      Object.hasOwn(groups, ood) ? !twofold.includes(ood) : averaged || ood !== averageOfSets,
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
    constant,
    tied: Object.fromEntries(tied),
    datasets: smallestSets(runs),
    groups: Object.fromEntries(groups.filter(([group]) => !twofold.includes(group))),
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

/** Content that an experiment only names. */
interface Content {
  readonly title: string;
  /** What the experiment says of it. */
  readonly said: (experiment: Readonly<Record<string, unknown>>) => unknown;
  /** SHA-256 of what the run found there; undefined where the run has none or does not say. */
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

/** Digits of a hash that are shown: enough to tell any two apart. */
const digits = 12;

/** What runs found differently where their experiments say the same: weights or images that changed under their path. */
export const contentDifferences = (runs: readonly NamedRun[]): string[] =>
  contents
    .filter((content) => isTwofold(content, runs))
    .map(({ title, found }) => {
      const hashes = runs.map(({ results }) => found(results)?.slice(0, digits) ?? '—');
      return `${title}: ${hashes.join(' | ')}`;
    });

/** Whether two runs say the same of a content and found another. */
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

/** What keeps the numbers of runs from being compared, a sentence each: sets that are not the same images, and other conditions. */
export const incomparable = (runs: readonly NamedRun[]): string[] => [
  ...otherIdSets(runs),
  ...setsOfOtherImages(runs),
  ...leftOutByMachines(runs),
  ...(sameSets(runs) ? [] : ['The runs have different OOD sets: averages are left out.']),
  ...twofoldGroups(runs).map((group) => `The group "${group}" is not over the same sets in all runs: it is left out.`),
];

/** Whether all runs compare with the same OOD sets, so that their averages are of the same sets. */
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

/** What is a group in one run, and in another a group of other sets or a set. */
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

/** The ID set may be called otherwise; what counts is its images. */
function otherIdSets(runs: readonly NamedRun[]): string[] {
  const prints = runs.map(({ results }) =>
    JSON.stringify(setsOf(results, 'id').map(([, { fingerprint }]) => fingerprint)),
  );
  return new Set(prints).size === 1 ? [] : ['The ID sets are not the same images: every number depends on them.'];
}

function setsOfOtherImages(runs: readonly NamedRun[]): string[] {
  const prints = new Map<string, Set<string>>();
  for (const { results } of runs) {
    for (const [name, { fingerprint }] of setsOf(results, 'ood')) {
      prints.set(name, (prints.get(name) ?? new Set()).add(fingerprint));
    }
  }
  const differing = [...prints].filter(([, { size }]) => size > 1);
  return differing.map(([name]) => `"${name}" is not the same images in all runs.`);
}

/** Images that one run could not read for no fault of theirs, and another perhaps could. */
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
