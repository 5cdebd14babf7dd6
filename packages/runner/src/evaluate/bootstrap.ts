import type { Interval, MetricDefinition } from '@farout/core';
import { clopperPearson, quantile } from '@farout/statistics';
import type { DrawnMetric } from './draws.ts';
import type { DrawnSets } from './rankings.ts';
import type { Column, MetricSpread } from './intervals.ts';

/** How a metric varies with the images, from its values on bootstrap draws of them. */
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

/**
 * The mean over a column's sets, draw by draw. All NaN if one of the sets has fewer than two units, since every draw
 * of it is the same.
 */
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

/** The middle 95 % of the draws. Undefined if they are all equal, or if a draw could not be measured. */
export function quantilesOf(draws: Float64Array): Interval | undefined {
  const ascending = draws.toSorted();
  const [low, high] = [quantile(ascending, 0.025), quantile(ascending, 0.975)];
  // NaN is sorted to the end.
  return low < high && !Number.isNaN(ascending.at(-1)) ? { low, high, method: 'bootstrap' } : undefined;
}

/**
 * Corrects the bias of a best-of-thresholds value. On average the value is better than the truth by as much as draws
 * are better than the value, so draws are off by twice the bias. Undefined if the corrected interval lies outside 0..1.
 */
function movedBack({ low, high, method }: Interval, bias: number): Interval | undefined {
  const moved = { low: Math.max(low - 2 * bias, 0), high: Math.min(high - 2 * bias, 1), method };
  return moved.low < moved.high ? moved : undefined;
}

const meanOf = (draws: Float64Array) => draws.reduce((sum, each) => sum + each, 0) / draws.length;

/** The interval of a share of exactly 0 or 1 of so many images, of which every draw would give the same value. */
function shareAtEnd(value: 0 | 1, images: number): Interval {
  return { ...clopperPearson(value * images, images), method: 'clopper-pearson' };
}

/**
 * The number of images behind a mean of shares. For a given mean, the probability that each of k sets gives 0 is
 * largest if their shares are equal; using the smallest set's size for all of them does not underestimate it.
 */
function imagesOfShare(at95: 'id' | 'ood', { sets }: Column, { id, ood }: Pick<DrawnSets, 'id' | 'ood'>): number {
  if (at95 === 'ood') return id.units;
  return sets.length * Math.min(...sets.map((set) => ood[set]!.units));
}

/** The standard deviation of the differences over joint draws. Exactly 0 if both are equal in every draw. */
function deviationOfDifference(a: Float64Array, b: Float64Array): number {
  let [sum, squares] = [0, 0];
  for (let draw = 0; draw < a.length; draw++) sum += a[draw]! - b[draw]!;
  const mean = sum / a.length;
  for (let draw = 0; draw < a.length; draw++) squares += (a[draw]! - b[draw]! - mean) ** 2;
  return Math.sqrt(squares / (a.length - 1));
}
