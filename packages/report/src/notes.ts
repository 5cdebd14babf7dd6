import {
  idShare95,
  type FailedDetector,
  type MetricTraits,
  type Overlap,
  type RunResults,
  type UnreadableImage,
} from '@farout/core';
import { counted, metricLabel, percent } from './numbers.ts';
import { comparedSets, fewestImages, metricTables, type Best, type TableSource } from './tables.ts';

/** How many columns a note spells out before it counts the rest. */
const spelledOut = 4;
/** Below so many images there is no threshold that 95 % of them reach. */
export const fewestForShare = 20;

/** The sentence on how best numbers are marked, for those who mark some; undefined where none is marked. */
export const markNote = (source: TableSource, sentence: string): string | undefined =>
  metricTables(source).some(({ best }) => best.some(({ detectors }) => detectors.length > 0)) ? sentence : undefined;

/**
 * What must be said below tables, a sentence each: what brackets and metrics are, so that nobody compares two numbers of the
 * same name, and where no best is marked or several are.
 */
export const footnotes = (source: TableSource): string[] => [
  ...published(source),
  ...source.metrics.flatMap(meaning),
  ...caveats(source),
];

/** What must be said of these very numbers: over which sets a group's are, at which share a threshold at 95 % really is, where no best is marked, and where several are. */
export const caveats = (source: TableSource): string[] => [
  ...groupsOf(source),
  ...source.metrics.flatMap((metric) => shares(metric, source)),
  ...source.metrics.flatMap((metric) => tiedAtThreshold(metric, source)),
  ...tooFewImages(source),
  ...columnsThat(source, 'several', 'Equal to the last digit, and all marked'),
  ...columnsThat(source, 'all-equal', 'All numbers equal, and none marked'),
];

/** `near is the mean over ssb-hard and ninco; far is the mean over inaturalist, textures and openimage-o.` */
function groupsOf({ results, groups = {} }: TableSource): string[] {
  const shown = Object.entries(groups).filter(([group]) => results.some(({ ood }) => ood === group));
  if (shown.length === 0) return [];
  return [`${shown.map(([group, sets]) => `${group} is the mean over ${enumeration.format(sets)}`).join('; ')}.`];
}

const enumeration = new Intl.ListFormat('en-GB');

const published = ({ results }: Pick<RunResults, 'results'>): string[] =>
  results.some((cell) => cell.published !== undefined)
    ? ['In brackets: the published numbers that the experiment gives.']
    : [];

/** What a metric is, where its title alone would mislead. */
export const meaning = (metric: MetricTraits): string[] =>
  metric.note === undefined ? [] : [`${metricLabel(metric)}: ${metric.note}.`];

/** Of few images no threshold parts 95 %: at which share the metric is really taken. */
function shares(metric: MetricTraits, { datasets }: TableSource): string[] {
  const { at95 } = metric;
  if (!at95) return [];
  return comparedSets(datasets)
    .filter(({ count, role }) => count > 0 && count < fewestForShare && role === at95)
    .map(
      ({ set, count }) =>
        `${metricLabel(metric)}: of the ${counted(count, 'image')} of ${set}, ${reached[at95](count)}.`,
    );
}

/** What the threshold makes of so many images of a set. */
const reached = {
  id: (images: number) => `${percent(idShare95(images))} % reach the threshold`,
  ood: (images: number) => `the threshold rejects ${percent(Math.ceil(0.95 * images) / images)} %`,
};

/** Scores that many ID images share part no 95 % of them: who gains by it, and what share is really taken for ID. */
function tiedAtThreshold(metric: MetricTraits, { results, tied = {} }: TableSource): string[] {
  if (metric.at95 !== 'id') return [];
  const shown = new Set(results.filter(({ metric: name }) => name === metric.name).map(({ detector }) => detector));
  const names = Object.entries(tied).filter(([detector]) => shown.has(detector));
  if (names.length === 0) return [];
  const shares = names.map(([detector, share]) => `${percent(share)} % with ${detector}`).join(', ');
  return [
    `${metricLabel(metric)}: many ID images have the very score of the threshold, and fewer than 95 % exceed it: ${shares}. Such numbers are not marked.`,
  ];
}

/** Which sets are too small for a best, where one would be marked if they were not. */
export function tooFewImages(source: TableSource): string[] {
  if (!metricTables(source).some(({ best }) => best.some(({ kind }) => kind === 'too-few-images'))) return [];
  const small = comparedSets(source.datasets)
    .filter(({ count }) => count < fewestImages)
    .map(({ set, count }) => `${set} has ${count}`);
  return [
    `No best is marked where a set has fewer than ${fewestImages} images: there the first place is chance (${small.join(', ')}).`,
  ];
}

/** The columns of all tables whose best is of a kind; who shares it where several do. */
function columnsThat(source: TableSource, wanted: Best['kind'], what: string): string[] {
  const found = metricTables(source).flatMap(({ label, columns, best }) =>
    best.flatMap(({ kind, detectors }, column) => {
      const sharing = detectors.length > 0 ? ` (${detectors.join(' and ')})` : '';
      return kind === wanted ? [`${label} on ${columns[column]!}${sharing}`] : [];
    }),
  );
  if (found.length === 0) return [];
  const rest = found.length - spelledOut;
  return [
    `${what}: ${[...found.slice(0, spelledOut), ...(rest > 0 ? [counted(rest, 'more column')] : [])].join('; ')}.`,
  ];
}

/** How many unreadable images of a dataset are named before the rest is counted; results.json names all. */
const named = 10;

/** What a run lacks: a heading and its lines. */
export interface Shortfall {
  readonly title: string;
  readonly lines: readonly string[];
}

/**
 * What the reader must know of the numbers: images that sets have in common, remarks, detectors and measurements that failed,
 * detectors that tell nothing apart, and images that were left out. Empty when nothing is lacking.
 */
export const shortfalls = (results: RunResults): Shortfall[] => [
  ...notable(results),
  ...constantDetectors(results),
  ...Object.entries(results.datasets).flatMap(([name, dataset]) => unreadableImages(name, dataset)),
];

/** The part of it that is of the run as a whole: images that sets have in common, remarks, and what failed. */
export const notable = (results: RunResults): Shortfall[] => [
  ...overlapping(results),
  ...remarks(results),
  ...failures(
    results.failed.filter((failed) => !isOfMetric(failed)),
    'detector',
  ),
  ...failures(results.failed.filter(isOfMetric), 'measurement'),
];

const remarks = ({ remarks: lines = [] }: RunResults): Shortfall[] =>
  lines.length === 0 ? [] : [{ title: counted(lines.length, 'remark'), lines }];

/** What makes numbers look better than they are comes first. */
function overlapping({ overlaps = [] }: RunResults): Shortfall[] {
  if (overlaps.length === 0) return [];
  return [{ title: 'Sets that have images in common', lines: overlaps.map(overlapLine) }];
}

function overlapLine({ sets: [one, other], images, example }: Overlap): string {
  const what =
    one.dataset === other.dataset
      ? `${one.dataset} is both the ${roles[one.role]} and the ${roles[other.role]} set`
      : `${counted(images, 'image')} of ${one.dataset} (${roles[one.role]}) also in ${other.dataset} (${roles[other.role]}), first ${example}`;
  if (one.role === 'fit') return `${what}: detectors that learn were tested on what they learnt from`;
  return other.role === 'id' ? `${what}: counted twice` : `${what}: in and out of distribution at once`;
}

const roles = { id: 'ID', fit: 'fit', ood: 'OOD' } as const;

const isOfMetric = ({ code }: FailedDetector) => code === 'OOD_METRIC_FAILED';

function failures(failed: readonly FailedDetector[], of: string): Shortfall[] {
  if (failed.length === 0) return [];
  const lines = failed.map(
    ({ detector, code, message }) => `${detector}: ${message.replace(/\s*\n\s*/g, '; ')} [${code}]`,
  );
  return [{ title: `${counted(failed.length, of)} failed`, lines }];
}

/** Detectors none of whose numbers mean anything. */
export function constantDetectors({ constant }: Pick<RunResults, 'constant'>): Shortfall[] {
  if (constant.length === 0) return [];
  return [
    { title: 'Numbers that say nothing', lines: constant.map((name) => `${name} gave all images the same score`) },
  ];
}

function unreadableImages(name: string, { images, unreadable }: RunResults['datasets'][string]): Shortfall[] {
  const ofMachine = unreadable.filter(({ cause }) => cause === 'machine');
  const ofContent = unreadable.filter(({ cause }) => cause === undefined);
  const all = counted(images, 'image');
  return [
    ...leftOut(ofContent, `${ofContent.length} of ${all} of ${name} left out as unreadable`),
    ...leftOut(
      ofMachine,
      `${ofMachine.length} of ${all} of ${name} left out by this machine, not for what they are; the next run tries them again`,
    ),
  ];
}

function leftOut(unreadable: readonly UnreadableImage[], title: string): Shortfall[] {
  if (unreadable.length === 0) return [];
  const rest = unreadable.length - named;
  const lines = unreadable.slice(0, named).map(({ image, reason }) => `${image}: ${reason}`);
  if (rest > 0) lines.push(`and ${rest} more, all named in results.json`);
  return [{ title, lines }];
}
