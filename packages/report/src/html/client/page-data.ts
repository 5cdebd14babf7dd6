import { averageOfSets, type ReportData, type RunResults } from '@farout/core';
import { unshownPoints } from '../../choices.ts';
import { metricHead, metricLabel } from '../../numbers.ts';
import { isGroup } from '../../best.ts';
import { metricTables } from '../../tables.ts';

/** The data of the page's script. Detectors, columns and rows are referred to by index; shares and rates are in 0..1. */
export interface PageData {
  readonly detectors: readonly string[];
  /** The family of each detector; an empty string if the run does not say. */
  readonly families: readonly string[];
  readonly columns: readonly string[];
  /** The columns that are means over sets. */
  readonly means: readonly number[];
  /** The means that are groups. */
  readonly groups: readonly number[];
  readonly metrics: readonly PageMetric[];
  readonly curves: readonly PageCurve[];
  readonly histograms: readonly PageHistogram[];
  readonly thresholds: readonly (number | null)[];
  /** Microseconds per image; empty if not measured. */
  readonly costs: readonly (number | null)[];
}

/** A metric's numbers, column by column. */
export interface PageMetric {
  readonly name: string;
  readonly label: string;
  readonly head: string;
  readonly better: 'higher' | 'lower';
  readonly columns: readonly PageColumn[];
}

export interface PageColumn {
  /** By detector; null if there is no number. */
  readonly values: readonly (number | null)[];
  readonly lows: readonly (number | null)[];
  readonly highs: readonly (number | null)[];
  readonly marked: readonly number[];
  /** How many rows were compared; 0 if the run did not test differences. */
  readonly compared: number;
  /** The compared detectors that have a row; `errors` are the standard errors of their differences in millionths: (0, 1), (0, 2), …, (1, 2), … */
  readonly rows: readonly number[];
  readonly errors: readonly number[];
}

/** A ROC curve; its points in thousandths. */
export interface PageCurve {
  readonly detector: number;
  readonly column: number;
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** Histograms of scores, ID and OOD; shares in ten-thousandths. */
export interface PageHistogram {
  readonly detector: number;
  readonly column: number;
  readonly edges: readonly number[];
  readonly id: readonly number[];
  readonly ood: readonly number[];
}

/** Collects the page data, rounded to visible digits. */
export function pageData(results: RunResults, data: ReportData): PageData {
  const tables = metricTables(results);
  const detectors = tables[0]?.rows.map(({ detector }) => detector) ?? [];
  const columns = tables[0]?.columns ?? [];
  const { families = {} } = results;
  const groups = [...columns.keys()].filter((at) => isGroup(columns[at]!, results));
  return {
    detectors,
    families: detectors.map((name) => families[name] ?? ''),
    columns,
    means: [...groups, ...[...columns.keys()].filter((at) => columns[at] === averageOfSets)],
    groups,
    metrics: tables.map(({ best }, m) => {
      const metric = results.metrics[m]!;
      return {
        name: metric.name,
        label: metricLabel(metric),
        head: metricHead(metric),
        better: metric.better,
        columns: columns.map((ood, column) => ({
          ...numbersOf(metric.name, ood, detectors, results),
          marked: best[column]!.detectors.map((name) => detectors.indexOf(name)),
          ...errorsOf(metric.name, ood, detectors, results),
        })),
      };
    }),
    curves: data.curves.map(({ detector, ood, falsePositiveRate, truePositiveRate }) => ({
      detector: detectors.indexOf(detector),
      column: columns.indexOf(ood),
      ...thinned(falsePositiveRate.map(rounded(1e3)), truePositiveRate.map(rounded(1e3))),
    })),
    histograms: data.distributions.map(({ detector, ood, edges, idShares, oodShares }) => ({
      detector: detectors.indexOf(detector),
      column: columns.indexOf(ood),
      edges: edges.map((edge) => Number(edge.toPrecision(5))),
      id: idShares.map(rounded(1e4)),
      ood: oodShares.map(rounded(1e4)),
    })),
    thresholds: detectors.map((name) => shown(results.thresholds[name])),
    costs: results.costs ? detectors.map((name) => shown(results.costs!.detectors[name])) : [],
  };
}

/** Rounds a fraction to a whole number of `parts`. */
const rounded = (parts: number) => (value: number) => Math.round(value * parts);

const shown = (value: number | undefined) =>
  value === undefined || !Number.isFinite(value) ? null : Number(value.toFixed(6));

function numbersOf(metric: string, ood: string, detectors: readonly string[], { results }: RunResults) {
  const cells = new Map(
    results.filter((cell) => cell.metric === metric && cell.ood === ood).map((cell) => [cell.detector, cell]),
  );
  return {
    values: detectors.map((name) => shown(cells.get(name)?.value)),
    lows: detectors.map((name) => shown(cells.get(name)?.interval?.low)),
    highs: detectors.map((name) => shown(cells.get(name)?.interval?.high)),
  };
}

function errorsOf(metric: string, ood: string, detectors: readonly string[], run: RunResults) {
  const found = run.paired?.find((each) => each.metric === metric && each.ood === ood);
  if (!found) return { compared: 0, rows: [], errors: [] };
  const length = found.detectors.length;
  let pair = 0;
  const errors: number[] = [];
  for (let one = 0; one < length; one++) {
    for (let other = one + 1; other < length; other++, pair++) {
      const error = found.standardErrors[pair]!;
      // Only an error of exactly 0 may be stored as 0: it means that both rank all images identically.
      if (isShown(one) && isShown(other)) errors.push(error > 0 ? Math.max(Math.round(error * 1e6), 1) : 0);
    }
  }
  return {
    compared: length + unshownPoints(run),
    rows: found.detectors.filter((_, at) => isShown(at)).map((name) => detectors.indexOf(name)),
    errors,
  };

  function isShown(at: number): boolean {
    return detectors.includes(found!.detectors[at]!);
  }
}

/** Drops points on a horizontal or vertical line between their neighbours. */
function thinned(x: readonly number[], y: readonly number[]): { x: number[]; y: number[] } {
  const kept = [...x.keys()].filter((at) => {
    const [before, after] = [at - 1, at + 1];
    if (before < 0 || after >= x.length) return true;
    const isBetween = (values: readonly number[]) => values[before] === values[at] && values[at] === values[after];
    return !isBetween(x) && !isBetween(y);
  });
  return { x: kept.map((at) => x[at]!), y: kept.map((at) => y[at]!) };
}
