import { averageOfSets, type MetricTraits, type RunResults } from '@farout/core';
import { metricHead, metricLabel, percent, readable } from './numbers.ts';

/** What tables are made of. */
export type TableSource = Pick<RunResults, 'results' | 'metrics' | 'constant' | 'tied' | 'datasets' | 'groups'>;

/** One number as it is printed. */
export interface Cell {
  readonly text: string;
  /** Whether it is marked as the best of its column, as one of several where these print the same. */
  readonly best: boolean;
  /** What was published for it, in brackets; undefined where nothing was. */
  readonly published: string | undefined;
}

/** The table of one metric: a row for each detector, a column for each OOD set, each group and the average over all. */
export interface MetricTable {
  /** The metric with an arrow that points to where it is better: `AUROC ↑`. */
  readonly title: string;
  /** The same without it. */
  readonly label: string;
  readonly columns: readonly string[];
  readonly rows: readonly TableRow[];
  /** Who is best, column by column, and why nobody is. */
  readonly best: readonly Best[];
}

/** The numbers of one detector. */
export interface TableRow {
  readonly detector: string;
  readonly cells: readonly Cell[];
}

/** The tables of a run: metrics, detectors, sets and groups in the experiment's order, the average last. Empty without results. */
export function metricTables(source: TableSource): MetricTable[] {
  const { results, metrics } = source;
  const detectors = distinct(results.map(({ detector }) => detector));
  const columns = columnsOf(source);
  const cells = new Map(results.map((cell) => [keyOf(cell.metric, cell.ood, cell.detector), cell]));
  if (detectors.length === 0) return [];
  return metrics.map((metric) => {
    const cellOf = (ood: string, detector: string) => cells.get(keyOf(metric.name, ood, detector));
    const best = columns.map((ood) => {
      const column = detectors.map((detector) => ({ detector, value: cellOf(ood, detector)?.value }));
      return bestOf(column, metric.better, imagesBehind(ood, source), unranked(metric, source));
    });
    const row = (detector: string) =>
      columns.map((ood, column): Cell => {
        const cell = cellOf(ood, detector);
        return {
          text: percent(cell?.value),
          best: best[column]!.detectors.includes(detector),
          published: inBrackets(cell?.published),
        };
      });
    return {
      title: metricHead(metric),
      label: metricLabel(metric),
      columns,
      rows: detectors.map((detector) => ({ detector, cells: row(detector) })),
      best,
    };
  });
}

/** The sets, the groups, and the average over all where there is more than one set. */
function columnsOf(source: TableSource): string[] {
  const sets = setsIn(source);
  const names = distinct(source.results.map(({ ood }) => ood));
  const groups = names.filter((name) => isGroup(name, source));
  return [...sets, ...groups, ...names.filter((name) => name === averageOfSets && sets.length > 1)];
}

/** The OOD sets that results are of, without what is averaged over several. */
const setsIn = (source: Pick<TableSource, 'results' | 'groups'>): string[] =>
  distinct(source.results.map(({ ood }) => ood)).filter((name) => name !== averageOfSets && !isGroup(name, source));

const isGroup = (name: string, { groups = {} }: Pick<TableSource, 'groups'>) => Object.hasOwn(groups, name);

const distinct = (names: readonly string[]) => [...new Set(names)];

const keyOf = (...names: string[]) => JSON.stringify(names);

const inBrackets = (published: number | undefined) => (published === undefined ? undefined : `(${percent(published)})`);

/** In sets of fewer images the best of a column is chance: drawn again, as often as not another detector is in its place. */
export const fewestImages = 100;

/** A number of a column; absent ones have none. */
interface Ranked {
  readonly detector: string;
  readonly value: number | undefined;
}

/**
 * Who is best in a column: the one; several whose numbers print alike; or none, because all print alike, because too few
 * images are compared, or because there is nothing to compare.
 */
export interface Best {
  readonly kind: 'one' | 'several' | 'all-equal' | 'too-few-images' | 'none';
  /** The detectors that are marked; none unless there are one or several. */
  readonly detectors: readonly string[];
}

/**
 * Decides for tables, pages and headlines alike. It compares what is printed, so that equal numbers look equal; those that
 * are left out take no part.
 */
function bestOf(
  column: readonly Ranked[],
  better: 'higher' | 'lower',
  images: number,
  leftOut: readonly string[],
): Best {
  const ranked = column.flatMap(({ detector, value }) =>
    value === undefined || leftOut.includes(detector) ? [] : [{ detector, printed: Number(percent(value)) }],
  );
  const numbers = ranked.map(({ printed }) => printed);
  const [lowest, highest] = [Math.min(...numbers), Math.max(...numbers)];
  if (ranked.length < 2) return { kind: 'none', detectors: [] };
  if (images < fewestImages) return { kind: 'too-few-images', detectors: [] };
  if (lowest === highest) return { kind: 'all-equal', detectors: [] };
  const best = better === 'lower' ? lowest : highest;
  const detectors = ranked.filter(({ printed }) => printed === best).map(({ detector }) => detector);
  return { kind: detectors.length === 1 ? 'one' : 'several', detectors };
}

/** Detectors that take no part in a metric's ranking: all their scores are one, or no threshold parts about 95 % of the ID images. */
const unranked = (
  { at95 }: MetricTraits,
  { constant, tied = {} }: Pick<TableSource, 'constant' | 'tied'>,
): string[] => [...constant, ...(at95 === 'id' ? Object.keys(tied) : [])];

/** Images that are compared as one set. */
interface ComparedSet {
  readonly set: string;
  readonly role: 'id' | 'ood';
  readonly count: number;
}

/** The sets as they are compared: those in distribution as one, each out of distribution by itself. */
export function comparedSets(datasets: TableSource['datasets']): ComparedSet[] {
  const all = Object.entries(datasets);
  const id = all.filter(([, { roles }]) => roles.includes('id'));
  const joined = {
    set: id.map(([name]) => name).join(', '),
    role: 'id' as const,
    count: id.reduce((sum, [, summary]) => sum + readable(summary), 0),
  };
  const ood = all.filter(([, { roles }]) => roles.includes('ood'));
  return [
    ...(id.length > 0 ? [joined] : []),
    ...ood.map(([set, summary]) => ({ set, role: 'ood' as const, count: readable(summary) })),
  ];
}

/** The images of the smallest set behind a column: of the ID images and those of an OOD set, of a group, or of all for the average. */
function imagesBehind(column: string, { datasets, groups = {} }: Pick<TableSource, 'datasets' | 'groups'>): number {
  const members = isGroup(column, { groups }) ? groups[column]! : [column];
  const behind = comparedSets(datasets).filter(
    ({ set, role }) => role === 'id' || members.includes(set) || column === averageOfSets,
  );
  return Math.min(...behind.map(({ count }) => count));
}

/** How detectors stand by the experiment's first metric, averaged over the OOD sets. */
interface Standing {
  readonly best: Best;
  /** `FPR95, ID positive` */
  readonly metric: string;
  readonly better: 'higher' | 'lower';
  /** On which sets: `averaged over the OOD sets`, or `on sun` where there is one. */
  readonly on: string;
  /** From the first place to the last, those left out whose scores are too much alike; values in percent, with their sign. */
  readonly ranked: readonly { readonly detector: string; readonly value: string }[];
}

/** Undefined where there are not two detectors to compare. */
export function standing(run: RunResults): Standing | undefined {
  const { metrics, results } = run;
  const [first] = metrics;
  if (!first) return undefined;
  const column = results.filter(({ metric, ood }) => metric === first.name && ood === averageOfSets);
  const leftOut = unranked(first, run);
  const best = bestOf(column, first.better, imagesBehind(averageOfSets, run), leftOut);
  if (best.kind === 'none') return undefined;
  const sign = first.better === 'lower' ? 1 : -1;
  const ranked = column
    .filter(({ detector }) => !leftOut.includes(detector))
    .sort((a, b) => sign * (a.value - b.value))
    .map(({ detector, value }) => ({ detector, value: `${percent(value)} %` }));
  const sets = setsIn(run);
  const on = sets.length === 1 ? `on ${sets[0]!}` : 'averaged over the OOD sets';
  return { best, metric: metricLabel(first), better: first.better, on, ranked };
}

/** The one detector that is best by the experiment's first metric; undefined where there is none. */
export function bestDetector(run: RunResults): string | undefined {
  const best = standing(run)?.best;
  return best?.kind === 'one' ? best.detectors[0] : undefined;
}
