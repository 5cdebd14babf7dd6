import type { RunResults } from '@farout/core';
import { counted, metricLabel } from './numbers.ts';

/** Which point of a detector's sweep was chosen, and on what. */
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

/** The detectors whose parameters were chosen; none in older runs. */
export const choicesOf = (source: object): [string, Choice][] => Object.entries((source as Source).chosen ?? {});

/** How many points were judged on test images without a row of their own: they count as compared. */
export const unshownPoints = (source: object): number =>
  choicesOf(source).reduce((sum, [, { unshown = 0 }]) => sum + unshown, 0);

/** What was chosen on what, a sentence each; what was chosen on test images says so. */
export const choiceSentences = (source: Pick<RunResults, 'metrics'>): string[] =>
  choicesOf(source).map(([detector, choice]) => `${detector}: ${choiceText(choice, source)}.`);

/** `react.percentile 90 chosen by AUROC on validation against noise, out of 5 points`, and what the reader must know of it. */
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

/** What tables call the metric that chose. */
export const labelOf = ({ by }: Choice, { metrics }: Pick<RunResults, 'metrics'>): string => {
  const metric = metrics.find(({ name }) => name === by);
  return metric ? metricLabel(metric) : by;
};

/** What the reader must know of a choice. */
export const remarksOn = ({ tied, testSets = [] }: Choice): string[] => [
  ...(tied === undefined ? [] : [`${tied} points were equally good, so the data could not decide`]),
  ...(testSets.length > 0 ? [`chosen on test images of ${enumeration.format(testSets)}`] : []),
];
