import type { Curve, RocCurve, ScoreDistribution } from '@farout/core';

/** As many bins as can be told apart in a picture of a phone's width. */
const bins = 60;
/** Shares of each set that may lie beyond the outermost edges, so that one strange score does not flatten all others. */
const beyond = 0.001;

/** Histograms of the scores of the ID set and of an OOD set, in bins over the bulk of both. */
export function scoreDistribution({ thresholds, id, ood }: Curve): Omit<ScoreDistribution, 'detector' | 'ood'> {
  const sets = [id, ood].map((weights) => ({ scores: thresholds, weights }));
  const range = rangeOf(sets);
  const [idShares, oodShares] = sets.map((set) => shares(set, range));
  return { edges: edgesOf(range), idShares: idShares!, oodShares: oodShares! };
}

/** The distinct scores of both sets, descending, and the weight of one set's images at each. */
interface WeightedScores {
  readonly scores: Float32Array;
  readonly weights: Float64Array;
}

function shares({ scores, weights }: WeightedScores, range: Bins): number[] {
  const histogram = new Histogram(range);
  histogram.add(scores, weights);
  return rounded(histogram.shares());
}

/** From the lowest to the highest finite score of the sets, but for those `beyond`. */
function rangeOf(sets: readonly WeightedScores[]): Bins {
  const ends = sets
    .map(finitePart)
    .filter(({ scores }) => scores.length > 0)
    .map(bulk);
  if (ends.length === 0) return binsOver(0, 0, bins);
  return binsOver(Math.min(...ends.map(([low]) => low)), Math.max(...ends.map(([, high]) => high)), bins);
}

function finitePart({ scores, weights }: WeightedScores): WeightedScores {
  const isOf = (_: number, at: number) => Number.isFinite(scores[at]) && weights[at]! > 0;
  return { scores: scores.filter(isOf), weights: weights.filter(isOf) };
}

/** The lowest and the highest score, once whole images of the share `beyond` are passed over at each end. */
function bulk({ scores, weights }: WeightedScores): readonly [low: number, high: number] {
  const skipped = Math.floor(beyond * weights.reduce((sum, weight) => sum + weight, 0));
  const firstBeyond = (ordered: Float64Array) => {
    let passed = 0;
    return ordered.findIndex((weight) => (passed += weight) > skipped);
  };
  return [scores[scores.length - 1 - firstBeyond(weights.toReversed())]!, scores[firstBeyond(weights)]!];
}

/** How far two neighbouring points may be apart, in both rates together: a pixel or two of a picture. */
const step = 0.01;

/**
 * The ROC curve, ID positive: at each threshold the share of ID images (true positives) and of OOD images (false
 * positives) that are accepted, from (0, 0) to (1, 1). Of points closer than `step` only some are kept; those kept are
 * exact.
 */
export function rocCurve({ id, ood, idTotal, oodTotal }: Curve): Omit<RocCurve, 'detector' | 'ood'> {
  const falsePositiveRate = [0];
  const truePositiveRate = [0];
  const last = id.length - 1;
  let [idAccepted, oodAccepted] = [0, 0];
  for (let at = 0; at <= last; at++) {
    idAccepted += id[at]!;
    oodAccepted += ood[at]!;
    const next = at < last ? (oodAccepted + ood[at + 1]!) / oodTotal + (idAccepted + id[at + 1]!) / idTotal : Infinity;
    if (next - falsePositiveRate.at(-1)! - truePositiveRate.at(-1)! <= step) continue;
    falsePositiveRate.push(oodAccepted / oodTotal);
    truePositiveRate.push(idAccepted / idTotal);
  }
  return { falsePositiveRate: rounded(falsePositiveRate), truePositiveRate: rounded(truePositiveRate) };
}

/** Bins of equal width. */
export interface Bins {
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

/**
 * Bins over a range; one that has no width gets a unit, or a millionth where a unit is lost beside it, so that its values
 * lie in the middle.
 */
export function binsOver(low: number, high: number, count: number): Bins {
  if (low < high) return { low, high, count };
  const half = Math.max(0.5, Math.abs(low) * 1e-6);
  return { low: low - half, high: low + half, count };
}

/** The edges between bins and at their ends, `count + 1` of them. */
export const edgesOf = ({ low, high, count }: Bins): number[] =>
  Array.from({ length: count + 1 }, (_, edge) => low + ((high - low) * edge) / count);

/** Counts values in bins, float64; a bin holds its lower edge, and what lies beyond the outermost bin counts in it. */
export class Histogram {
  readonly #bins: Bins;
  readonly #counts: Float64Array;

  constructor(bins: Bins) {
    this.#bins = bins;
    this.#counts = new Float64Array(bins.count);
  }

  /** Counts each value once, or by its weight. */
  add(values: Float32Array, weights?: Float64Array): void {
    const { low, high, count } = this.#bins;
    const perUnit = count / (high - low);
    for (let at = 0; at < values.length; at++) {
      const bin = Math.floor((values[at]! - low) * perUnit);
      this.#counts[Math.min(Math.max(bin, 0), count - 1)]! += weights ? weights[at]! : 1;
    }
  }

  /** What share of all values lies in each bin; zeros when there are none. */
  shares(): number[] {
    const total = this.#counts.reduce((sum, count) => sum + count, 0);
    return Array.from(this.#counts, (count) => (total === 0 ? 0 : count / total));
  }
}

/** To six significant digits: more cannot be drawn, and a file of them would be twice as long. */
export const rounded = (values: Iterable<number>): number[] =>
  Array.from(values, (value) => Number(value.toPrecision(6)));
