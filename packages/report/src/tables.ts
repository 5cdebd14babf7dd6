import { averageOfSets, type Interval, type OverSeeds, type RunResults } from '@farout/core';
import { bestOf, isGroup, type Best } from './best.ts';
import { metricHead, metricLabel, percent } from './numbers.ts';

/** What tables are made of. */
export type TableSource = Pick<
  RunResults,
  'results' | 'metrics' | 'constant' | 'tied' | 'datasets' | 'groups' | 'paired'
>;

/** One number as it is printed. */
export interface Cell {
  readonly text: string;
  /** Whether it is marked: as the best of its column, or as one that is not told apart from the best. */
  readonly best: boolean;
  /** What other images of the same sets would give; undefined where the run does not say. */
  readonly interval: Interval | undefined;
  /** How far the numbers of single seeds lie about it, `± 0.21 (5 seeds)`; undefined where it is of one seed. */
  readonly seeds: string | undefined;
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

/** The sets, the groups, and the average over all where there is more than one set. */
export function columnsOf(source: TableSource): string[] {
  const sets = setsIn(source);
  const names = distinct(source.results.map(({ ood }) => ood));
  const groups = names.filter((name) => isGroup(name, source));
  return [...sets, ...groups, ...names.filter((name) => name === averageOfSets && sets.length > 1)];
}

/** The OOD sets that results are of, without what is averaged over several. */
export const setsIn = (source: Pick<TableSource, 'results' | 'groups'>): string[] =>
  distinct(source.results.map(({ ood }) => ood)).filter((name) => name !== averageOfSets && !isGroup(name, source));

const distinct = (names: readonly string[]) => [...new Set(names)];

const keyOf = (...names: string[]) => JSON.stringify(names);

const aboutSeeds = ({ count, deviation }: OverSeeds) => `± ${percent(deviation)} (${count} seeds)`;

const inBrackets = (published: number | undefined) => (published === undefined ? undefined : `(${percent(published)})`);
