import { averageOfSets, type MetricResult, type RunResults } from '@farout/core';
import { metricLabel } from './metric-label.ts';
import { percent } from './percent.ts';

/** One number as it is printed. */
export interface Cell {
  readonly text: string;
  /** Whether no other number of its column is better; several are when they print the same. */
  readonly best: boolean;
  /** What was published for it, in brackets; undefined where nothing was. */
  readonly published: string | undefined;
}

/** The table of one metric: a row for each detector, a column for each OOD set and for their average. */
export interface MetricTable {
  /** The metric with an arrow that points to where it is better: `AUROC ↑`. */
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly TableRow[];
}

/** The numbers of one detector. */
export interface TableRow {
  readonly detector: string;
  readonly cells: readonly Cell[];
}

const distinct = (names: readonly string[]) => [...new Set(names)];

/** The tables of a run: metrics, detectors and sets in the experiment's order, the average last. Empty without results. */
export function metricTables({ results, metrics, constant }: TableSource): MetricTable[] {
  const detectors = distinct(results.map(({ detector }) => detector));
  const columns = columnsOf(results);
  const cells = new Map(results.map((cell) => [keyOf(cell.metric, cell.ood, cell.detector), cell]));
  if (detectors.length === 0) return [];
  return metrics.map(({ name, better }) => {
    const marked = columns.map((ood) => {
      const column = detectors.map((detector) => cells.get(keyOf(name, ood, detector)));
      return markBest(column, better, constant);
    });
    return {
      title: `${metricLabel(name).title} ${better === 'lower' ? '↓' : '↑'}`,
      columns,
      rows: detectors.map((detector, row) => ({ detector, cells: marked.map((column) => column[row]!) })),
    };
  });
}

/** What tables are made of. */
export type TableSource = Pick<RunResults, 'results' | 'metrics' | 'constant'>;

/** The sets, and their average where there is more than one. */
function columnsOf(results: RunResults['results']): string[] {
  const sets = distinct(results.map(({ ood }) => ood));
  const single = sets.filter((ood) => ood !== averageOfSets).length === 1;
  const averageLast = (ood: string) => Number(ood === averageOfSets);
  return sets.filter((ood) => !single || ood !== averageOfSets).sort((a, b) => averageLast(a) - averageLast(b));
}

const keyOf = (...names: string[]) => JSON.stringify(names);

const inBrackets = (published: number | undefined) => (published === undefined ? undefined : `(${percent(published)})`);

/** Compares what is printed, so that equal numbers look equal; where all are equal, none is best. */
function markBest(
  column: readonly (MetricResult | undefined)[],
  better: 'higher' | 'lower',
  constant: readonly string[],
): Cell[] {
  const texts = column.map((cell) => percent(cell?.value));
  const compared = texts.map((text, row) => (constant.includes(column[row]?.detector ?? '') ? NaN : Number(text)));
  const numbers = compared.filter((number) => !Number.isNaN(number));
  const [lowest, highest] = [Math.min(...numbers), Math.max(...numbers)];
  const best = better === 'lower' ? lowest : highest;
  return texts.map((text, row) => ({
    text,
    best: lowest < highest && compared[row] === best,
    published: inBrackets(column[row]?.published),
  }));
}
