import type { PairedErrors, RunResults } from '@farout/core';
import { holm, reach, twoSidedP } from '@farout/statistics';
import { pairedError } from './best.ts';
import { unshownPoints } from './choices.ts';

/** The differences between a baseline and the other detectors by one metric, on one set, group or average. */
export interface Differences {
  readonly metric: string;
  readonly ood: string;
  readonly method: PairedErrors['method'];
  /** How many rows were compared, including the baseline: p values are adjusted for `compared − 1` tests. */
  readonly compared: number;
  readonly rows: readonly DetectorDifference[];
}

/** The difference between a detector and the baseline: fractions, positive if the number of the detector is larger. */
export interface DetectorDifference {
  readonly detector: string;
  readonly difference: number;
  /** Standard error of the difference; 0 if both rank all images identically. */
  readonly error: number;
  /** Interval of this difference at 95 %, not adjusted; absent if both rank all images identically. */
  readonly interval?: { readonly low: number; readonly high: number };
  /** Two-sided p value of a paired test. */
  readonly p: number;
  /** The p value Holm-adjusted over all compared rows. */
  readonly adjusted: number;
}

/** Differences from a baseline for every column that has standard errors; empty for runs of older versions. */
export const differencesFrom = (baseline: string, run: RunResults): Differences[] =>
  (run.paired ?? [])
    .filter(({ detectors }) => detectors.includes(baseline))
    .flatMap((errors) => {
      const column = run.results.filter(({ metric, ood }) => metric === errors.metric && ood === errors.ood);
      const own = column.find(({ detector }) => detector === baseline);
      if (!own) return [];
      const others = column.filter(({ detector }) => detector !== baseline && errors.detectors.includes(detector));
      const { metric, ood, method } = errors;
      const compared = errors.detectors.length + unshownPoints(run);
      return [{ metric, ood, method, compared, rows: tested(own.value, others, errors, { baseline, compared }) }];
    });

function tested(
  from: number,
  others: RunResults['results'],
  errors: PairedErrors,
  { baseline, compared }: { readonly baseline: string; readonly compared: number },
): DetectorDifference[] {
  const errorOf = pairedError(errors);
  const rows = others.map(({ detector, value }) => {
    const [difference, error] = [value - from, errorOf(baseline, detector)];
    const half = reach(0.95) * error;
    const interval = { low: difference - half, high: difference + half };
    return { detector, difference, error, p: twoSidedP(difference, error), ...(error > 0 && { interval }) };
  });
  // Compared rows that are not shown count as tests with p = 1.
  const hidden = compared - 1 - rows.length;
  const adjusted = holm([...rows.map(({ p }) => p), ...new Array<number>(hidden).fill(1)]);
  return rows.map((row, at) => ({ ...row, adjusted: adjusted[at]! }));
}
