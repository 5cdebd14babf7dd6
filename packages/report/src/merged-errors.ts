import type { MetricResult, PairedErrors, RunResults } from '@farout/core';
import { reach } from '@farout/statistics';
import { pairedError } from './best.ts';

/** A row in the table of several runs: its name, detector and runs. */
export interface ErrorRow {
  readonly name: string;
  readonly detector: string;
  readonly runs: readonly RunResults[];
  readonly results: readonly MetricResult[];
}

/**
 * Standard errors of the differences between rows of several runs. Two rows of one run use the errors of that run. Rows of different runs
 * are treated as measured on independent images, which overestimates the error if the images are the same. Columns in which a row has no
 * interval are omitted.
 */
export function mergedErrors(rows: readonly ErrorRow[]): PairedErrors[] {
  const columns = new Map(rows.flatMap(({ results }) => results.map((cell) => [keyOf(cell), cell] as const)));
  return [...columns.values()].flatMap(({ metric, ood }): PairedErrors[] => {
    const cells = rows.flatMap((row) => {
      const cell = row.results.find((each) => each.metric === metric && each.ood === ood);
      return cell ? [{ row, cell }] : [];
    });
    if (cells.length < 2 || cells.some(({ cell }) => cell.interval === undefined)) return [];
    const standardErrors = cells.flatMap((one, at) =>
      cells.slice(at + 1).map((other) => withinRun(one.row, other.row, metric, ood) ?? apart(one.cell, other.cell)),
    );
    return [{ metric, ood, method: 'bootstrap', detectors: cells.map(({ row }) => row.name), standardErrors }];
  });
}

const keyOf = ({ metric, ood }: Pick<MetricResult, 'metric' | 'ood'>) => JSON.stringify([metric, ood]);

function withinRun(one: ErrorRow, other: ErrorRow, metric: string, ood: string): number | undefined {
  for (const run of one.runs.filter((each) => other.runs.includes(each))) {
    const errors = run.paired?.find((each) => each.metric === metric && each.ood === ood);
    const has = (row: ErrorRow) => errors?.detectors.includes(row.detector) ?? false;
    if (errors && has(one) && has(other)) return pairedError(errors)(one.detector, other.detector);
  }
  return undefined;
}

/** Approximates each error by that of a normal distribution with the same interval. */
const apart = (one: MetricResult, other: MetricResult): number => Math.hypot(errorOf(one), errorOf(other));

const errorOf = ({ interval }: MetricResult): number => (interval!.high - interval!.low) / (2 * reach(0.95));
