import { idShare95, type MetricTraits, type RunResults } from '@farout/core';
import { choiceSentences } from './choices.ts';
import { counted, metricLabel, percent } from './numbers.ts';
import { comparedSets, fewestImages, type Best } from './best.ts';
import { metricTables, type TableSource } from './tables.ts';

/** How many columns a note lists before it counts the rest. */
const spelledOut = 4;
/** With fewer images, no threshold is reached by 95 % of them: a note gives the actual share. */
export const fewestForShare = 20;

/** Returns `best` or `tested`, depending on how numbers are marked; undefined if none is marked. */
export function markNote(source: TableSource, best: string, tested: string): string | undefined {
  const marked = metricTables(source).flatMap((table) => table.best.filter(({ detectors }) => detectors.length > 0));
  if (marked.length === 0) return undefined;
  return marked.some(({ kind }) => kind === 'tested') ? tested : best;
}

/**
 * The notes below tables, one sentence each: what brackets and metrics mean, so nobody compares two numbers of the same name but different
 * definition, and where no number or several numbers are marked as best.
 */
export const footnotes = (source: TableSource, most = spelledOut): string[] => [
  ...published(source),
  ...intervals(source),
  ...seedsNote(source),
  ...source.metrics.flatMap(meaning),
  ...caveats(source, most),
];

/**
 * The notes about these numbers: the sets of each group, the actual share at a 95 % threshold, and where no number or several numbers are
 * marked as best. Lists at most `most` columns by name.
 */
export const caveats = (source: TableSource, most = spelledOut): string[] => [
  ...groupsOf(source),
  ...source.metrics.flatMap((metric) => shares(metric, source)),
  ...source.metrics.flatMap((metric) => tiedAtThreshold(metric, source)),
  ...choiceSentences(source),
  ...tests(source, most),
  ...smallSets(source),
  ...tooFewImages(source),
  ...columnsThat(source, ({ kind }) => kind === 'several', 'Equal to the last digit, and all marked', most),
  ...columnsThat(source, ({ kind }) => kind === 'all-equal', 'All numbers equal, and none marked', most),
];

/** What intervals mean and do not mean: one note for all. */
export const intervals = ({ results }: Pick<RunResults, 'results'>): string[] =>
  results.some(({ interval }) => interval !== undefined)
    ? [
        'Intervals are at 95 %. Intervals and tests say what to expect from other images of the same sets. They say nothing about other sets, or about networks and detectors that are retrained or refitted.',
      ]
    : [];

/** What ± means, if a number is a mean over seeds. */
export const seedsNote = ({ results }: Pick<RunResults, 'results'>): string[] =>
  results.some(({ seeds }) => seeds !== undefined)
    ? [
        'After ± is the standard deviation over seeds (n − 1): the detector draws at random, and the images stay the same. It is not an interval, and such rows are not compared with others.',
      ]
    : [];

/** How rows were compared, if marks come from tests. */
function tests(source: TableSource, most: number): string[] {
  const tested = metricTables(source).flatMap(({ best }) => best.filter(({ kind }) => kind === 'tested'));
  if (tested.length === 0) return [];
  const counts = tested.map(({ compared }) => compared);
  const [low, high] = [Math.min(...counts), Math.max(...counts)];
  const k =
    low === high ? `${high} rows were compared` : `k = ${low} to ${high} rows were compared, depending on the column`;
  const level = low === high ? `5 % / ${high - 1}` : '5 % / (k − 1)';
  return [
    `A row is marked if no other row is better in a paired test (one-sided, at ${level}; ${k}). The tests compare rows image by image, so a marked number may be worse than an unmarked one.`,
    ...columnsThat(
      source,
      ({ kind, detectors, compared }) => kind === 'tested' && detectors.length === compared,
      'No row is distinguishable from the best',
      most,
      false,
    ),
  ];
}

/** Sets too small for tests to detect much, and how many points one image accounts for. */
function smallSets(source: TableSource): string[] {
  if (!metricTables(source).some(({ best }) => best.some(({ kind }) => kind === 'tested'))) return [];
  return comparedSets(source.datasets)
    .filter(({ count }) => count > 0 && count < fewestImages)
    .map(({ set, role, count }) => {
      const counts = source.metrics.filter(({ at95 }) => at95 !== undefined && at95 !== role).map(metricLabel);
      const weight =
        counts.length > 0
          ? `: one image accounts for ${percent(1 / count)} points of ${enumeration.format(counts)}`
          : '';
      return `${set} has only ${counted(count, 'image')}, so tests detect little there${weight}.`;
    });
}

/** `near is the mean over ssb-hard and ninco; far is the mean over inaturalist, textures and openimage-o.` */
function groupsOf({ results, groups = {} }: TableSource): string[] {
  const shown = Object.entries(groups).filter(([group]) => results.some(({ ood }) => ood === group));
  if (shown.length === 0) return [];
  return [`${shown.map(([group, sets]) => `${group} is the mean over ${enumeration.format(sets)}`).join('; ')}.`];
}

const enumeration = new Intl.ListFormat('en-GB');

const published = ({ results }: Pick<RunResults, 'results'>): string[] =>
  results.some((cell) => cell.published !== undefined)
    ? ['In brackets: published numbers given in the experiment.']
    : [];

/** The definition of a metric whose title alone would mislead. */
export const meaning = (metric: MetricTraits): string[] =>
  metric.note === undefined ? [] : [`${metricLabel(metric)}: ${metric.note}.`];

/** With few images no threshold splits off 95 %: the share at which the metric was actually computed. */
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

/** The share of images on one side of the threshold, by role. */
const reached = {
  id: (images: number) => `${percent(idShare95(images))} % reach the threshold`,
  ood: (images: number) => `the threshold rejects ${percent(Math.ceil(0.95 * images) / images)} %`,
};

/** If many ID images share one score, no threshold splits off 95 % of them: names the detectors and the actual shares. */
function tiedAtThreshold(metric: MetricTraits, { results, tied = {} }: TableSource): string[] {
  if (metric.at95 !== 'id') return [];
  const shown = new Set(results.filter(({ metric: name }) => name === metric.name).map(({ detector }) => detector));
  const names = Object.entries(tied).filter(([detector]) => shown.has(detector));
  if (names.length === 0) return [];
  const shares = names.map(([detector, share]) => `${percent(share)} % with ${detector}`).join(', ');
  return [
    `${metricLabel(metric)}: many ID images score exactly at the threshold, and fewer than 95 % exceed it: ${shares}. These numbers are not marked.`,
  ];
}

/** The sets too small for a best number to be marked. */
export function tooFewImages(source: TableSource): string[] {
  if (!metricTables(source).some(({ best }) => best.some(({ kind }) => kind === 'too-few-images'))) return [];
  const small = comparedSets(source.datasets)
    .filter(({ count }) => count < fewestImages)
    .map(({ set, count }) => `${set} has ${count}`);
  return [
    `No best is marked where a set has fewer than ${fewestImages} images, because first place is then chance (${small.join(', ')}).`,
  ];
}

/** Lists the columns of all tables whose best is `wanted`; with `named`, also the detectors that share it. */
function columnsThat(
  source: TableSource,
  wanted: (best: Best) => boolean,
  what: string,
  most: number,
  named = true,
): string[] {
  const found = metricTables(source).flatMap(({ label, columns, best }) =>
    best.flatMap((each, column) => {
      const sharing = named && each.detectors.length > 0 ? ` (${each.detectors.join(' and ')})` : '';
      return wanted(each) ? [`${label} on ${columns[column]!}${sharing}`] : [];
    }),
  );
  if (found.length === 0) return [];
  const rest = found.length - most;
  return [`${what}: ${[...found.slice(0, most), ...(rest > 0 ? [counted(rest, 'more column')] : [])].join('; ')}.`];
}
