import { averageOfSets, type RunResults } from '@farout/core';
import { bestOf, imagesBehind, unranked, type Best, type TableSource } from './best.ts';
import { metricLabel } from './numbers.ts';
import { percent } from './percent.ts';

/** One number as it is printed. */
export interface Cell {
  readonly text: string;
  /** Whether it is marked as the best of its column, as one of several where these print the same. */
  readonly best: boolean;
  /** What was published for it, in brackets; undefined where nothing was. */
  readonly published: string | undefined;
}

/** The table of one metric: a row for each detector, a column for each OOD set and for their average. */
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

const distinct = (names: readonly string[]) => [...new Set(names)];

/** The tables of a run: metrics, detectors and sets in the experiment's order, the average last. Empty without results. */
export function metricTables(source: TableSource): MetricTable[] {
  const { results, metrics } = source;
  const detectors = distinct(results.map(({ detector }) => detector));
  const columns = columnsOf(results);
  const cells = new Map(results.map((cell) => [keyOf(cell.metric, cell.ood, cell.detector), cell]));
  if (detectors.length === 0) return [];
  return metrics.map(({ name, better }) => {
    const cellOf = (ood: string, detector: string) => cells.get(keyOf(name, ood, detector));
    const best = columns.map((ood) => {
      const column = detectors.map((detector) => ({ detector, value: cellOf(ood, detector)?.value }));
      return bestOf(column, better, imagesBehind(ood, source), unranked(name, source));
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
    const label = metricLabel(name).title;
    return {
      title: `${label} ${better === 'lower' ? '↓' : '↑'}`,
      label,
      columns,
      rows: detectors.map((detector) => ({ detector, cells: row(detector) })),
      best,
    };
  });
}

/** The sets, and their average where there is more than one. */
function columnsOf(results: RunResults['results']): string[] {
  const sets = distinct(results.map(({ ood }) => ood));
  const single = sets.filter((ood) => ood !== averageOfSets).length === 1;
  const averageLast = (ood: string) => Number(ood === averageOfSets);
  return sets.filter((ood) => !single || ood !== averageOfSets).sort((a, b) => averageLast(a) - averageLast(b));
}

const keyOf = (...names: string[]) => JSON.stringify(names);

const inBrackets = (published: number | undefined) => (published === undefined ? undefined : `(${percent(published)})`);
