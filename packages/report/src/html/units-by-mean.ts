import type { Rectification, UnitActivations } from '@farout/core';

/** As many points as a narrow picture can show. */
const mostPoints = 128;

/** A point of a chart: one unit, or several neighbours. */
export interface UnitBand {
  readonly unit: number;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** Units in the order of their mean on the ID set before the hooks. Sets as in the rectification, the ID set first. */
export interface UnitsByMean {
  readonly before: readonly (readonly UnitBand[])[];
  readonly after: readonly (readonly UnitBand[])[];
  /** The least and the greatest end of a band on either side, so that both can be drawn to one scale. */
  readonly low: number;
  readonly high: number;
  /** How many units there are, and how many of them a point stands for: its mean is theirs, its variance the mean of theirs. */
  readonly width: number;
  readonly perPoint: number;
}

/** Orders units and joins neighbours until few enough points are left. */
export function unitsByMean({ before, after }: Pick<Rectification, 'before' | 'after'>): UnitsByMean {
  const id = before[0]!.mean;
  const order = id.map((_, unit) => unit).sort((a, b) => id[a]! - id[b]! || a - b);
  const perPoint = Math.ceil(order.length / mostPoints);
  const bandsOf = (sets: readonly UnitActivations[]) => sets.map((set) => bands(set, order, perPoint));
  const [bandsBefore, bandsAfter] = [bandsOf(before), bandsOf(after)];
  const all = [...bandsBefore, ...bandsAfter].flat();
  return {
    before: bandsBefore,
    after: bandsAfter,
    low: all.reduce((least, { low }) => Math.min(least, low), Infinity),
    high: all.reduce((most, { high }) => Math.max(most, high), -Infinity),
    width: order.length,
    perPoint,
  };
}

function bands({ mean, deviation }: UnitActivations, order: readonly number[], perPoint: number): UnitBand[] {
  const points: UnitBand[] = [];
  for (let start = 0; start < order.length; start += perPoint) {
    const units = order.slice(start, start + perPoint);
    const average = (value: (unit: number) => number) =>
      units.reduce((sum, unit) => sum + value(unit), 0) / units.length;
    const centre = average((unit) => mean[unit]!);
    const spread = Math.sqrt(average((unit) => deviation[unit]! ** 2));
    points.push({ unit: start + (units.length + 1) / 2, mean: centre, low: centre - spread, high: centre + spread });
  }
  return points;
}
