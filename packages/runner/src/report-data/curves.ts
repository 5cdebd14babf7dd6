import { Histogram, type Curve, type RocCurve, type ScoreDistribution } from '@farout/core';

/** As many bins as can be distinguished at a phone's width. */
const bins = 60;
/** Share of each set that may lie beyond the outermost edges, so that a single outlier does not flatten everything else. */
const beyond = 0.001;

/** Histograms of the scores of the ID set and of an OOD set, over the range of the bulk of both. */
export function scoreDistribution({ thresholds, id, ood }: Curve): Omit<ScoreDistribution, 'detector' | 'ood'> {
  const sets = [id, ood].map((weights) => ({ scores: thresholds, weights }));
  const [low, high] = rangeOf(sets);
  const [idScores, oodScores] = sets.map((set) => {
    const histogram = new Histogram(low, high, bins);
    histogram.add(set.scores, set.weights);
    return histogram;
  });
  return {
    edges: idScores!.edges,
    idShares: rounded(idScores!.shares()),
    oodShares: rounded(oodScores!.shares()),
  };
}

/** The distinct scores of both sets, descending, and the weight of one set's images at each. */
interface WeightedScores {
  readonly scores: Float32Array;
  readonly weights: Float64Array;
}

/** From the lowest to the highest finite score of the sets, without the share `beyond`. */
function rangeOf(sets: readonly WeightedScores[]): readonly [low: number, high: number] {
  const ends = sets
    .map(finitePart)
    .filter(({ scores }) => scores.length > 0)
    .map(bulk);
  if (ends.length === 0) return [0, 0];
  return [Math.min(...ends.map(([low]) => low)), Math.max(...ends.map(([, high]) => high))];
}

function finitePart({ scores, weights }: WeightedScores): WeightedScores {
  const isOf = (_: number, at: number) => Number.isFinite(scores[at]) && weights[at]! > 0;
  return { scores: scores.filter(isOf), weights: weights.filter(isOf) };
}

/** The lowest and highest score after skipping the share `beyond` at each end, in whole images. */
function bulk({ scores, weights }: WeightedScores): readonly [low: number, high: number] {
  const skipped = Math.floor(beyond * weights.reduce((sum, weight) => sum + weight, 0));
  const firstBeyond = (ordered: Float64Array) => {
    let passed = 0;
    return ordered.findIndex((weight) => (passed += weight) > skipped);
  };
  return [scores[scores.length - 1 - firstBeyond(weights.toReversed())]!, scores[firstBeyond(weights)]!];
}

/** Largest distance between neighbouring points, both rates added: a pixel or two of a picture. */
const step = 0.01;

/**
 * The ROC curve, ID positive: for each threshold the share of ID images (true positives) and of OOD images (false positives)
 * that are accepted, from (0, 0) to (1, 1). Points closer than `step` are thinned out; those that remain are exact.
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

/** Rounds to six significant digits: more cannot be drawn, and would double the file's size. */
export const rounded = (values: Iterable<number>): number[] =>
  Array.from(values, (value) => Number(value.toPrecision(6)));
