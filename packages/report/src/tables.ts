import { averageOfSets, type Interval, type OverSeeds, type RunResults } from '@farout/core';
import { bestOf, isGroup, type Best } from './best.ts';
import { metricHead, metricLabel, percent } from './numbers.ts';

/** The parts of a run that tables need. */
export type TableSource = Pick<
  RunResults,
  'results' | 'metrics' | 'constant' | 'tied' | 'datasets' | 'groups' | 'paired'
>;

/** A printed number. */
export interface Cell {
  readonly text: string;
  /** Whether it is marked: as the best of its column, or as not distinguishable from the best. */
  readonly best: boolean;
  /** The interval for other images of the same sets; undefined if the run has none. */
  readonly interval: Interval | undefined;
  /** The spread over seeds, `± 0.21 (5 seeds)`; undefined for a single seed. */
  readonly seeds: string | undefined;
  /** The published number, in brackets; undefined if there is none. */
  readonly published: string | undefined;
}

/** The table of one metric: one row per detector; one column per OOD set and group, and the average over all sets. */
export interface MetricTable {
  /** The label with an arrow in the direction of better: `AUROC ↑`. */
  readonly title: string;
  /** The metric without the arrow. */
  readonly label: string;
  readonly columns: readonly string[];
  readonly rows: readonly TableRow[];
  /** The best of each column, or why there is none. */
  readonly best: readonly Best[];
}

/** The numbers of one detector. */
export interface TableRow {
  readonly detector: string;
  readonly cells: readonly Cell[];
}

/** The tables of a run: metrics, detectors, sets and groups in the order of the experiment, the average last. Empty without results. */
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
      return bestOf(column, metric, ood, source);
    });
    const row = (detector: string) =>
      columns.map((ood, column): Cell => {
        const cell = cellOf(ood, detector);
        return {
          text: percent(cell?.value),
          best: best[column]!.detectors.includes(detector),
          interval: cell?.interval,
          seeds: cell?.seeds && aboutSeeds(cell.seeds),
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

/** The sets, the groups, and the average if there is more than one set. */
export function columnsOf(source: TableSource): string[] {
  const sets = setsIn(source);
  const names = distinct(source.results.map(({ ood }) => ood));
  const groups = names.filter((name) => isGroup(name, source));
  return [...sets, ...groups, ...names.filter((name) => name === averageOfSets && sets.length > 1)];
}

/** The OOD sets that have results, without groups and the average. */
export const setsIn = (source: Pick<TableSource, 'results' | 'groups'>): string[] =>
  distinct(source.results.map(({ ood }) => ood)).filter((name) => name !== averageOfSets && !isGroup(name, source));

const distinct = (names: readonly string[]) => [...new Set(names)];

const keyOf = (...names: string[]) => JSON.stringify(names);

const aboutSeeds = ({ count, deviation }: OverSeeds) => `± ${percent(deviation)} (${count} seeds)`;

const inBrackets = (published: number | undefined) => (published === undefined ? undefined : `(${percent(published)})`);
