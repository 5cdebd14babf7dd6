import {
  averageOfSets,
  curveOf,
  FaroutError,
  idShare95,
  idThreshold95,
  type Curve,
  type FailedDetector,
  type MetricDefinition,
  type MetricResult,
  type SetGroups,
} from '@farout/core';
import { describeValue } from '../plugins/describe-value.ts';
import { failure } from '../plugins/failure.ts';
import type { DatasetScores } from '../score/on-features.ts';

/**
 * The evaluation of scores: every metric per detector and OOD set, with averages over groups and over all, and each
 * detector's threshold.
 */
export interface Evaluation {
  readonly results: readonly MetricResult[];
  readonly thresholds: Readonly<Record<string, number>>;
  /** Detectors that gave all images the same score. */
  readonly constant: readonly string[];
  /** Detectors with many ID scores equal to the threshold, with the share of ID images above it. */
  readonly tied: Readonly<Record<string, number>>;
  /** Detectors with the metrics that could not be measured for them. */
  readonly failed: readonly FailedDetector[];
}

/** Joins the scores of all in-distribution sets into those of one, in order. */
export function joinScores(names: readonly string[], scores: ReadonlyMap<string, DatasetScores>): DatasetScores {
  const sets = names.map((name) => scores.get(name)!);
  const [first] = sets as [DatasetScores, ...DatasetScores[]];
  if (sets.length === 1) return first;
  const detectors = [...first.scores.keys()].filter((detector) => sets.every((set) => set.scores.has(detector)));
  return {
    images: sets.flatMap(({ images }) => images),
    predicted: Int32Array.from(sets.flatMap(({ predicted }) => [...predicted])),
    scores: new Map(detectors.map((name) => [name, joinFloats(sets.map((set) => set.scores.get(name)!))])),
  };
}

/** Concatenates arrays. */
export function joinFloats(arrays: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const array of arrays) {
    all.set(array, offset);
    offset += array.length;
  }
  return all;
}

/**
 * Compares the ID set with every OOD set, for the detectors that scored all of them. If a metric fails for a
 * detector, the others are still measured.
 */
export function evaluate(
  detectors: readonly string[],
  id: DatasetScores,
  ood: ReadonlyMap<string, DatasetScores>,
  metrics: readonly MetricDefinition[],
  groups: SetGroups = {},
): Evaluation {
  const averages = [...Object.entries(groups), [averageOfSets, [...ood.keys()]] as const];
  const results: MetricResult[] = [];
  const thresholds: [string, number][] = [];
  const constant: string[] = [];
  const tied: [string, number][] = [];
  const failed: FailedDetector[] = [];
  for (const detector of detectors) {
    const curves = curvesOf(detector, id, ood);
    if (!curves) continue;
    const [, first] = curves[0]!;
    thresholds.push([detector, idThreshold95(first)]);
    if (isConstant(curves)) constant.push(detector);
    else if (isTied(first)) tied.push([detector, shareAbove(first)]);
    for (const metric of metrics) {
      try {
        results.push(...measure(detector, metric, curves, averages));
      } catch (error) {
        failed.push(failure(detector, error));
      }
    }
  }
  return { results, thresholds: Object.fromEntries(thresholds), constant, tied: Object.fromEntries(tied), failed };
}

/** Every curve contains the ID scores, so if each has a single threshold, it is the same in all. */
const isConstant = (curves: readonly NamedCurve[]) => curves.every(([, { thresholds }]) => thresholds.length === 1);

/**
 * How far the share above the threshold may fall below the value without ties: one percentage point, as a few equal scores may cause.
 */
const slack = 0.01;

/** If scores pile up at the threshold, as probabilities rounded to 1 in float32 do, far fewer than 95 % are above it. */
const isTied = (curve: Curve): boolean =>
  idShare95(curve.idTotal) - 1 / curve.idTotal - shareAbove(curve) > slack + Number.EPSILON;

function shareAbove(curve: Curve): number {
  const threshold = idThreshold95(curve);
  let above = 0;
  for (let at = 0; curve.thresholds[at]! > threshold; at++) above += curve.id[at]!;
  return above / curve.idTotal;
}

type NamedCurve = readonly [ood: string, curve: Curve];

function curvesOf(
  detector: string,
  id: DatasetScores,
  ood: ReadonlyMap<string, DatasetScores>,
): NamedCurve[] | undefined {
  const curves: NamedCurve[] = [];
  for (const [name, { scores }] of ood) {
    const [idScores, oodScores] = [id.scores.get(detector), scores.get(detector)];
    if (!idScores || !oodScores) return undefined;
    curves.push([name, curveOf(idScores, oodScores)]);
  }
  return curves;
}

/** A metric on each set, then its mean over the sets of each average. */
function measure(
  detector: string,
  definition: MetricDefinition,
  curves: readonly NamedCurve[],
  averages: readonly (readonly [name: string, sets: readonly string[]])[],
): MetricResult[] {
  const metric = definition.name;
  const each = curves.map(([ood, curve]) => ({ detector, ood, metric, value: valueOf(definition, curve) }));
  const meanOver = (sets: readonly string[]) =>
    each.reduce((sum, { ood, value }) => (sets.includes(ood) ? sum + value : sum), 0) / sets.length;
  return [...each, ...averages.map(([ood, sets]) => ({ detector, ood, metric, value: meanOver(sets) }))];
}

/** @throws FaroutError OOD_METRIC_FAILED if the metric throws, or returns anything but a finite number. */
function valueOf({ name, value }: MetricDefinition, curve: Curve): number {
  try {
    const found: unknown = value(curve);
    if (Number.isFinite(found)) return found as number;
    throw new Error(`it returned ${describeValue(found)}, expected a finite number`);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new FaroutError('OOD_METRIC_FAILED', `the metric "${name}" failed: ${message}`, { cause: error });
  }
}
