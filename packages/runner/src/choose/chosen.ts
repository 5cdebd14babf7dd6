import type { ChosenParameters } from '@farout/core';
import { valueText, type Detector, type Experiment, type Selection } from '../experiment.ts';
import { testSetsIn } from './leak.ts';
import { defaultOf, type JudgedPoint, type Pick } from './pick-point.ts';

/** What results say of a choice. */
export function chosenParameters(
  { row, points, pick }: { readonly row: string; readonly points: readonly JudgedPoint[]; readonly pick: Pick },
  experiment: Experiment & { readonly select: Selection },
): ChosenParameters {
  const { by, id, ood, show } = experiment.select;
  const testSets = testSetsIn(experiment);
  return {
    row,
    values: valuesOf(pick.best.detector),
    by: by.name,
    id,
    ood,
    points: points.map(({ detector, value }) => ({ values: valuesOf(detector), value: value ?? null })),
    ...(pick.equal.length > 1 && { tied: pick.equal.length }),
    ...(testSets.length > 0 && { testSets }),
    ...(testSets.length > 0 && show === 'chosen' && points.length > 1 && { unshown: points.length - 1 }),
  };
}

const valuesOf = ({ point }: Detector): Readonly<Record<string, unknown>> =>
  Object.fromEntries(point!.values.map(({ label, value }) => [label, value]));

/** A choice as a sentence without its full stop: what was chosen on what, and whether the data could choose. */
export function choiceSentence(
  name: string,
  { values, by, id, ood, points, tied = 0 }: ChosenParameters,
  { detector }: JudgedPoint,
): string {
  const taken = listed(Object.entries(values).map(([label, value]) => `${label} ${valueText(value)}`));
  const chosen = `${name}: ${taken} was chosen among ${points.length} points by ${by} of ${listed(id)} against ${listed(ood)}`;
  if (tied === 0) return chosen;
  const near = isDefault(detector) ? 'the default' : 'the one nearest to the default';
  return `${chosen}, which could not choose: ${tied} points are equal, and this is ${near}`;
}

const listed = (texts: readonly string[]) => new Intl.ListFormat('en-GB').format(texts);

const isDefault = (detector: Detector): boolean =>
  detector.point!.values.every((swept) => JSON.stringify(swept.value) === JSON.stringify(defaultOf(detector, swept)));

/** What must be said where sets that detectors are tested on chose their parameters. */
export function testSetRemarks(experiment: Experiment): readonly string[] {
  const sets = testSetsIn(experiment);
  if (sets.length === 0) return [];
  return [
    `Parameters were chosen on ${listed(sets)}, on which the detectors are tested: these numbers are better than new images will give`,
  ];
}
