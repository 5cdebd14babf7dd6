import path from 'node:path';
import {
  averageOfSets,
  defineReporter,
  type Duplicates,
  type Overlap,
  type ReportData,
  type RunResults,
} from '@farout/core';

/**
 * Writes the run's report: a page with tables, charts and the images that were got wrong. It is made to be passed on (see
 * `forSharing`), unless it is asked to be full.
 */
export const htmlReporter = defineReporter({
  name: 'html',
  about: { summary: 'The report: tables, charts and misjudged images on one page.' },
  file: 'report.html',
  render: async (results, data, { full, kept }) => {
    const shown = full ? { results, data } : forSharing(results, data);
    // Most commands make no page.
    return (await import('./html/page.ts')).page(shown.results, shown.data, kept);
  },
});

/** A text as strangers may read it. */
type Hide = (text: string) => string;

/** Variables with shorter values are hidden only where the value is the whole text: "1" is in every number. */
const shortest = 4;

/**
 * What a report is drawn from, for a page that is passed on: the values of environment variables that the experiment read
 * are their names again, `${NAME}`, and of absolute paths the last part is left, `…/photos`. `results.json` keeps both.
 */
function forSharing(results: RunResults, data: ReportData): { results: RunResults; data: ReportData } {
  const hide = hiding(results);
  return { results: hiddenResults(results, hide), data: hidden(data, hide) as ReportData };
}

function hiding({ variables = {}, experiment }: RunResults): Hide {
  // The longest first: a value may be a part of another.
  const values = Object.entries(variables)
    .flatMap(([name, value]): [string, string][] => spellings(value).map((each) => [name, each]))
    .sort(([, a], [, b]) => b.length - a.length);
  const folders = foldersIn(experiment);
  return (text) => {
    if (text === averageOfSets) return text;
    let shown = text;
    for (const [name, value] of values) {
      const reference = `\${${name}}`;
      if (shown === value) shown = reference;
      else if (value.length >= shortest) shown = shown.replaceAll(value, reference);
    }
    if (path.posix.isAbsolute(shown) && !/[\s:]\//.test(shown)) return lastOf(shown);
    for (const folder of folders) shown = shown.replaceAll(folder, '…/');
    return shown.replace(quotedPath, lastOf).replace(barePath, lastOf);
  };
}

/** A value as it is, and as it ends a path that was made of it: `../photos/` has become `/home/ada/photos`. */
function spellings(value: string): string[] {
  const inPath = path.posix.normalize(value.trim()).replace(/^(?:\.{0,2}\/)+|\/+$/g, '');
  return [...new Set([value, ...(value.includes('/') ? [inPath, `/${inPath}`] : [])])].filter(
    (each) => each !== '' && !/^[./]*$/.test(each),
  );
}

/** The folders of the paths that an experiment names, the longest first: one in a sentence may hold blanks. */
function foldersIn(experiment: unknown): string[] {
  const paths = new Set<string>();
  hidden(experiment, (text) => {
    if (path.posix.isAbsolute(text) && path.posix.dirname(text) !== '/') paths.add(`${path.posix.dirname(text)}/`);
    return text;
  });
  return [...paths].sort((a, b) => b.length - a.length);
}

/** How absolute paths begin: on Linux and macOS, on a drive, on a server. */
const root = String.raw`(?:file:\/\/)?(?:\/(?!\/)|[A-Za-z]:[\\/](?![\\/])|\\\\)`;
/** A path between quotes may hold blanks; elsewhere it ends with the first one. */
const quotedPath = new RegExp(String.raw`(?<=(["'\x60]))${root}[^"'\x60\n]+(?=\1)`, 'gu');
const barePath = new RegExp(String.raw`(?<=^|[\s"'\x60(=,:;\[{|])${root}[^\s"'\x60()<>,;|]+`, 'gmu');

/** `/home/ada/photos/cat.png:3:1` → `…/cat.png:3:1` */
const lastOf = (text: string): string => `…/${text.split(/[\\/]/).findLast((part) => part !== '') ?? ''}`;

/** What names of others and messages say; numbers, hashes and the words of the format stay. */
function hiddenResults(results: RunResults, hide: Hide): RunResults {
  const named = <T>(record: Readonly<Record<string, T>>, value = (each: T) => each) =>
    Object.fromEntries(Object.entries(record).map(([name, each]) => [hide(name), value(each)]));
  return {
    ...results,
    name: hide(results.name),
    experiment: hidden(results.experiment, hide, true),
    datasets: named(results.datasets, (set) => ({
      ...set,
      unreadable: set.unreadable.map(({ image, reason }) => ({ image: hide(image), reason: hide(reason) })),
    })),
    ...(results.groups && { groups: named(results.groups, (sets) => sets.map(hide)) }),
    ...(results.families && { families: named(results.families) }),
    ...(results.costs && { costs: { ...results.costs, detectors: named(results.costs.detectors) } }),
    ...(results.paired && {
      paired: results.paired.map((each) => ({ ...each, ood: hide(each.ood), detectors: each.detectors.map(hide) })),
    }),
    ...(results.classesRejected && { classesRejected: named(results.classesRejected) }),
    ...(results.chosen && { chosen: named(hidden(results.chosen, hide) as NonNullable<RunResults['chosen']>) }),
    ...(results.overlaps && { overlaps: results.overlaps.map((each) => hidden(each, hide) as Overlap) }),
    ...(results.duplicates && { duplicates: results.duplicates.map((each) => hidden(each, hide) as Duplicates) }),
    ...(results.remarks && { remarks: results.remarks.map(hide) }),
    ...(results.tied && { tied: named(results.tied) }),
    thresholds: named(results.thresholds),
    results: results.results.map((cell) => ({ ...cell, detector: hide(cell.detector), ood: hide(cell.ood) })),
    constant: results.constant.map(hide),
    failed: results.failed.map((each) => ({ ...each, detector: hide(each.detector), message: hide(each.message) })),
  };
}

/** Members of what a report is drawn from that hold no text of others: a picture, and which colour a series has. */
const ownWords = ['thumbnail', 'as'];

/** A value with every text hidden. In an experiment (`numbersToo`) the names of members are those of others too. */
function hidden(value: unknown, hide: Hide, numbersToo = false): unknown {
  if (typeof value === 'string') return hide(value);
  if (numbersToo && typeof value === 'number')
    return hide(String(value)) === String(value) ? value : hide(String(value));
  if (Array.isArray(value)) {
    const isOfNumbers = !numbersToo && value.every((each) => typeof each === 'number');
    return isOfNumbers ? value : value.map((each) => hidden(each, hide, numbersToo));
  }
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, member]) => {
    if (!numbersToo && ownWords.includes(name)) return [name, member as unknown];
    return [numbersToo ? hide(name) : name, hidden(member, hide, numbersToo)];
  });
  return Object.fromEntries(members);
}
