import type { Interval, MetricDefinition } from '@farout/core';
import { clopperPearson, quantile } from '@farout/statistics';
import type { DrawnMetric } from './draws.ts';
import type { DrawnSets } from './rankings.ts';
import type { Column, MetricSpread } from './intervals.ts';

/** How a metric varies with the images, by its numbers on draws of them. */
export function bootstrapSpread(
  { at95, bestOfThresholds }: Pick<MetricDefinition, 'at95' | 'bestOfThresholds'>,
  numbers: Pick<DrawnMetric, 'draws' | 'numbers'>,
  sets: Pick<DrawnSets, 'id' | 'ood'>,
): MetricSpread {
  const known = new Map<Column, Map<number, Float64Array>>();
  const drawsOf = (detector: number, column: Column) => {
    const ofColumn = known.get(column) ?? new Map<number, Float64Array>();
    known.set(column, ofColumn);
    const found = ofColumn.get(detector) ?? meansOf(numbers, detector, column, sets);
    ofColumn.set(detector, found);
    return found;
  };
  return {
    method: 'bootstrap',
    interval: (detector, column, value) => {
      if (at95 && (value === 0 || value === 1)) return shareAtEnd(value, imagesOfShare(at95, column, sets));
      const drawn = drawsOf(detector, column);
      const middle = quantilesOf(drawn);
      return middle && bestOfThresholds ? movedBack(middle, meanOf(drawn) - value) : middle;
    },
    error: (a, b, column) => deviationOfDifference(drawsOf(a, column), drawsOf(b, column)),
  };
}

/** The mean over a column's sets, draw by draw; NaN throughout where one of the sets cannot be drawn otherwise than it is. */
function meansOf(
  { draws, numbers }: Pick<DrawnMetric, 'draws' | 'numbers'>,
  detector: number,
  column: Column,
  { id, ood }: Pick<DrawnSets, 'id' | 'ood'>,
): Float64Array {
  const means = new Float64Array(draws);
  for (const set of column.sets) {
    const start = (detector * ood.length + set) * draws;
    const tellsNothing = Math.min(id.units, ood[set]!.units) < 2;
    for (let draw = 0; draw < draws; draw++)
      means[draw]! += tellsNothing ? NaN : numbers[start + draw]! / column.sets.length;
  }
  return means;
}

/** The middle 95 % of the draws; nothing where they are all the same, or a draw could not be measured. */
export function quantilesOf(draws: Float64Array): Interval | undefined {
  const ascending = draws.toSorted();
  const [low, high] = [quantile(ascending, 0.025), quantile(ascending, 0.975)];
  // What is no number is sorted to the end.
  return low < high && !Number.isNaN(ascending.at(-1)) ? { low, high, method: 'bootstrap' } : undefined;
}

/**
 * What was chosen as the best of the images is better than it is by as much as draws are better than it, on average: the draws lie twice as
 * far from what is. Nothing where that leaves 0..1.
 */
function movedBack({ low, high, method }: Interval, bias: number): Interval | undefined {
  const moved = { low: Math.max(low - 2 * bias, 0), high: Math.min(high - 2 * bias, 1), method };
  return moved.low < moved.high ? moved : undefined;
}

const meanOf = (draws: Float64Array) => draws.reduce((sum, each) => sum + each, 0) / draws.length;

/** A share of 0 or 1 of so many images: other draws of them would say the same. */
function shareAtEnd(value: 0 | 1, images: number): Interval {
  return { ...clopperPearson(value * images, images), method: 'clopper-pearson' };
}

/**
 * How many images a mean of shares is of. The chance that each of k sets gives 0 is largest, for a given mean of their shares, where these are
 * alike; with the smallest number for all it is not underestimated.
 */
function imagesOfShare(at95: 'id' | 'ood', { sets }: Column, { id, ood }: Pick<DrawnSets, 'id' | 'ood'>): number {
  if (at95 === 'ood') return id.units;
  return sets.length * Math.min(...sets.map((set) => ood[set]!.units));
}

/** The standard deviation of the differences of joint draws: exactly 0 where both are the same in each. */
function deviationOfDifference(a: Float64Array, b: Float64Array): number {
  let [sum, squares] = [0, 0];
  for (let draw = 0; draw < a.length; draw++) sum += a[draw]! - b[draw]!;
  const mean = sum / a.length;
  for (let draw = 0; draw < a.length; draw++) squares += (a[draw]! - b[draw]! - mean) ** 2;
  return Math.sqrt(squares / (a.length - 1));
}
