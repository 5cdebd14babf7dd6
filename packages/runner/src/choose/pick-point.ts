import { schemaOf, z } from '@farout/core';
import type { Detector, SweptValue } from '../experiment.ts';

/** A point of a sweep with its value. */
export interface JudgedPoint {
  readonly detector: Detector;
  /** The value of the metric; undefined if there is none. */
  readonly value: number | undefined;
}

/** The chosen point: the best on the data, or the one taken if the data could not decide. */
export interface Pick {
  readonly best: JudgedPoint;
  /** All points that are equally good, including itself. */
  readonly equal: readonly JudgedPoint[];
}

/**
 * The best of the points. Of equally good ones, the one nearest to the parameters' defaults; of equally near ones,
 * the first written. Undefined if no point has a value.
 *
 * The distance of a point is the sum over its parameters: for numbers, |value − default| divided by the range of all
 * values and the default; for others, 0 for the default and 1 otherwise. A parameter without a default adds nothing.
 */
export function pickPoint(points: readonly JudgedPoint[], better: 'higher' | 'lower'): Pick | undefined {
  const worth = ({ value }: JudgedPoint) => (better === 'higher' ? value! : -value!);
  const judged = points.filter(({ value }) => value !== undefined);
  const top = judged.reduce((most, point) => Math.max(most, worth(point)), -Infinity);
  const equal = judged.filter((point) => worth(point) === top);
  if (equal.length === 0) return undefined;
  const distances = equal.map(({ detector }) => distanceOf(detector, points));
  return { best: equal[distances.indexOf(Math.min(...distances))]!, equal };
}

function distanceOf(detector: Detector, points: readonly JudgedPoint[]): number {
  return detector.point!.values.reduce((sum, swept, at) => {
    const usual = defaultOf(detector, swept);
    if (usual === undefined) return sum;
    const values = points.map((point) => point.detector.point!.values[at]!.value);
    return sum + apart(swept.value, usual, [...values, usual]);
  }, 0);
}

function apart(value: unknown, usual: unknown, all: readonly unknown[]): number {
  if (JSON.stringify(value) === JSON.stringify(usual)) return 0;
  if (typeof value !== 'number' || !all.every((each): each is number => typeof each === 'number')) return 1;
  return Math.abs(value - (usual as number)) / (Math.max(...all) - Math.min(...all));
}

/** The default of a parameter: that of its schema, or the `usual` value in its `meta`. */
export function defaultOf({ hooks, scorer }: Detector, { part, parameter }: SweptValue): unknown {
  const { definition } = [...hooks, scorer][part]!;
  const schema = (schemaOf(definition).shape as Partial<Record<string, z.ZodType>>)[parameter];
  if (!schema) return undefined;
  return schema.safeParse(undefined).data ?? z.globalRegistry.get(schema)?.usual;
}
