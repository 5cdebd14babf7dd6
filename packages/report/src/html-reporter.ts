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
 * Writes the run's report: a page with tables, charts and misjudged images. By default the page is safe to share (see `forSharing`); with
 * `full` it keeps all paths and values.
 */
export const htmlReporter = defineReporter({
  name: 'html',
  about: { summary: 'The report: tables, charts and misjudged images on one page.' },
  file: 'report.html',
  render: async (results, data, { full, kept }) => {
    const shown = full ? { results, data } : forSharing(results, data);
    // Imported lazily: most commands make no page.
    return (await import('./html/page.ts')).page(shown.results, shown.data, kept);
  },
});

/** Returns a text with private parts removed. */
type Hide = (text: string) => string;

/** A shorter value is hidden only if it is the whole text: "1" occurs in every other number. */
const shortest = 4;

/**
 * Prepares the data of a report for sharing. Values of environment variables that the experiment read are replaced by their names,
 * `${NAME}`, and absolute paths by their last part, `…/photos`. `results.json` keeps both.
 */
function forSharing(results: RunResults, data: ReportData): { results: RunResults; data: ReportData } {
  const hide = hiding(results);
  return { results: hiddenResults(results, hide), data: hidden(data, hide) as ReportData };
}

function hiding({ variables = {}, experiment }: RunResults): Hide {
  // Longest first: one value may contain another.
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

/** A value as written, and as it appears at the end of a resolved path: `../photos/` may have become `/home/ada/photos`. */
function spellings(value: string): string[] {
  const inPath = path.posix.normalize(value.trim()).replace(/^(?:\.{0,2}\/)+|\/+$/g, '');
  return [...new Set([value, ...(value.includes('/') ? [inPath, `/${inPath}`] : [])])].filter(
    (each) => each !== '' && !/^[./]*$/.test(each),
  );
}

/** The folders of the paths in an experiment, longest first. In messages they may contain spaces, which the patterns below would miss. */
function foldersIn(experiment: unknown): string[] {
  const paths = new Set<string>();
  hidden(experiment, (text) => {
    if (path.posix.isAbsolute(text) && path.posix.dirname(text) !== '/') paths.add(`${path.posix.dirname(text)}/`);
    return text;
  });
  return [...paths].sort((a, b) => b.length - a.length);
}

/** Matches the start of an absolute path: on Linux and macOS, on a drive, on a server. */
const root = String.raw`(?:file:\/\/)?(?:\/(?!\/)|[A-Za-z]:[\\/](?![\\/])|\\\\)`;
/** A quoted path may contain spaces; an unquoted one ends at the first space. */
const quotedPath = new RegExp(String.raw`(?<=(["'\x60]))${root}[^"'\x60\n]+(?=\1)`, 'gu');
const barePath = new RegExp(String.raw`(?<=^|[\s"'\x60(=,:;\[{|])${root}[^\s"'\x60()<>,;|]+`, 'gmu');

/** `/home/ada/photos/cat.png:3:1` → `…/cat.png:3:1` */
const lastOf = (text: string): string => `…/${text.split(/[\\/]/).findLast((part) => part !== '') ?? ''}`;

/** Hides names and messages from outside. Numbers, hashes and words of the format are kept. */
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

/** Members of the report data that hold no text from outside: a picture, and the colour of a series. */
const ownWords = ['thumbnail', 'as'];

/** Hides every text in a value. In an experiment (`numbersToo`), member names and numbers come from outside too. */
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
