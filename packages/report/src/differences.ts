import type { PairedErrors, RunResults } from '@farout/core';
import { holm, reach, twoSidedP } from '@farout/statistics';
import { pairedError } from './best.ts';
import { unshownPoints } from './choices.ts';

/** How the other detectors differ from a baseline by one metric, on one set, group or average. */
export interface Differences {
  readonly metric: string;
  readonly ood: string;
  readonly method: PairedErrors['method'];
  /** How many rows were compared, the baseline among them: p values are adjusted for one test fewer. */
  readonly compared: number;
  readonly rows: readonly DetectorDifference[];
}

/** How a detector differs from the baseline: fractions, above 0 where its number is the larger. */
export interface DetectorDifference {
  readonly detector: string;
  readonly difference: number;
  /** Of the difference: 0 where both rank all images alike. */
  readonly error: number;
  /** At 95 %, of this one difference; absent where both rank all images alike. */
  readonly interval?: { readonly low: number; readonly high: number };
  /** Of a paired test, two-sided. */
  readonly p: number;
  /** The same by Holm, over all rows that were compared. */
  readonly adjusted: number;
}

/** Differences from a baseline wherever a run says how far they vary with the images; nothing of older runs. */
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
  // Rows that were compared and are not shown count as tests, of the largest p.
  const hidden = compared - 1 - rows.length;
  const adjusted = holm([...rows.map(({ p }) => p), ...new Array<number>(hidden).fill(1)]);
  return rows.map((row, at) => ({ ...row, adjusted: adjusted[at]! }));
}
