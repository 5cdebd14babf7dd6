import type { ChosenParameters } from '@farout/core';
import { showsAll, valueText, type Detector, type Experiment, type Selection } from '../experiment.ts';
import { testSetsIn } from './leak.ts';
import { defaultOf, type JudgedPoint, type Pick } from './pick-point.ts';

/** What results say about a choice. */
export function chosenParameters(
  { row, points, pick }: { readonly row: string; readonly points: readonly JudgedPoint[]; readonly pick: Pick },
  experiment: Experiment & { readonly select: Selection },
): ChosenParameters {
  const { by, id, ood } = experiment.select;
  const isHidden = !showsAll(pick.best.detector.point!.of, experiment.select);
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
    ...(testSets.length > 0 && isHidden && points.length > 1 && { unshown: points.length - 1 }),
  };
}

const valuesOf = ({ point }: Detector): Readonly<Record<string, unknown>> =>
  Object.fromEntries(point!.values.map(({ label, value }) => [label, value]));

/** A choice as a sentence without a full stop: what was chosen on which data, and whether the data decided. */
export function choiceSentence(
  name: string,
  { values, by, id, ood, points, tied = 0 }: ChosenParameters,
  { detector }: JudgedPoint,
): string {
  const taken = Object.entries(values).map(([label, value]) => `${label} ${valueText(value)}`);
  const failed = points.filter(({ value }) => value === null).length;
  const among = `${points.length} points${failed > 0 ? `, of which ${failed} failed,` : ''}`;
  const were = taken.length === 1 ? 'was' : 'were';
  const chosen = `${name}: ${listed(taken)} ${were} chosen among ${among} by ${by} of ${listed(id)} against ${listed(ood)}`;
  return tied === 0
    ? chosen
    : `${chosen}, which could not decide: ${tied} points are equal, and this is ${whyThis(detector)}`;
}

const listed = (texts: readonly string[]) => new Intl.ListFormat('en-GB').format(texts);

/** Why this one of several equal points was chosen. */
function whyThis(detector: Detector): string {
  const usual = detector.point!.values.map((swept) => [swept.value, defaultOf(detector, swept)] as const);
  if (usual.every(([, value]) => value === undefined)) return 'the first of them';
  const isDefault = usual.every(([value, other]) => JSON.stringify(value) === JSON.stringify(other));
  return isDefault ? 'the default' : 'the one nearest to the default';
}

/** A warning if parameters were chosen on sets that detectors are also tested on. */
export function testSetRemarks(experiment: Experiment): readonly string[] {
  const sets = testSetsIn(experiment);
  if (sets.length === 0) return [];
  return [
    `Parameters were chosen on ${listed(sets)}, which the detectors are also tested on: these numbers are too optimistic for new images`,
  ];
}
