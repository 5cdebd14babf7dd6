import type { RunResults } from '@farout/core';
import { counted, metricLabel } from './numbers.ts';

/** The chosen point of a detector's sweep, and the images it was chosen on. */
export interface Choice {
  readonly values: Readonly<Record<string, unknown>>;
  readonly by: string;
  readonly id: readonly string[];
  readonly ood: readonly string[];
  readonly points: readonly unknown[];
  readonly tied?: number;
  readonly testSets?: readonly string[];
  readonly unshown?: number;
}

type Source = Pick<RunResults, 'metrics'> & { readonly chosen?: Readonly<Record<string, Choice>> };

/** The detectors whose parameters were chosen; empty for runs of older versions. */
export const choicesOf = (source: object): [string, Choice][] => Object.entries((source as Source).chosen ?? {});

/** The number of points evaluated on test images but not shown as rows: they count as compared. */
export const unshownPoints = (source: object): number =>
  choicesOf(source).reduce((sum, [, { unshown = 0 }]) => sum + unshown, 0);

/** One sentence per chosen detector: the parameters and the images they were chosen on, with a warning if those were test images. */
export const choiceSentences = (source: Pick<RunResults, 'metrics'>): string[] =>
  choicesOf(source).map(([detector, choice]) => `${detector}: ${choiceText(choice, source)}.`);

/** `react.percentile 90 chosen by AUROC on validation against noise, out of 5 points`, then remarks. */
export function choiceText(choice: Choice, source: Pick<RunResults, 'metrics'>): string {
  const against = choice.ood.length > 0 ? ` against ${enumeration.format(choice.ood)}` : '';
  const on = `on ${enumeration.format(choice.id)}${against}, out of ${counted(choice.points.length, 'point')}`;
  const remarks = remarksOn(choice).map((remark) => `; ${remark}`);
  return `${valuesOf(choice)} chosen by ${labelOf(choice, source)} ${on}${remarks.join('')}`;
}

const enumeration = new Intl.ListFormat('en-GB');

/** `react.percentile 90, energy.temperature 1` */
export const valuesOf = ({ values }: Choice): string =>
  Object.entries(values)
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');

/** The table label of the metric used to choose. */
export const labelOf = ({ by }: Choice, { metrics }: Pick<RunResults, 'metrics'>): string => {
  const metric = metrics.find(({ name }) => name === by);
  return metric ? metricLabel(metric) : by;
};

/** Remarks on a choice: ties, and choices made on test images. */
export const remarksOn = ({ tied, testSets = [] }: Choice): string[] => [
  ...(tied === undefined ? [] : [`${tied} points were equally good, so the data could not decide`]),
  ...(testSets.length > 0 ? [`chosen on test images of ${enumeration.format(testSets)}`] : []),
];
