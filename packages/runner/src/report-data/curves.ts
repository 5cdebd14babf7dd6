import type { RocCurve, ScoreDistribution, Sweep } from '@farout/core';

/** As many bins as can be told apart in a picture of a phone's width. */
const bins = 60;
/** Shares of each set that may lie beyond the outermost edges, so that one strange score does not flatten all others. */
const beyond = 0.001;

/** Histograms of the scores of the ID set and of an OOD set, in bins over the bulk of both. */
export function scoreDistribution({ idScores, oodScores }: Sweep): Omit<ScoreDistribution, 'detector' | 'ood'> {
  const range = rangeOf([idScores, oodScores]);
  return { edges: edgesOf(range), idShares: shares(idScores, range), oodShares: shares(oodScores, range) };
}

function shares(scores: Float32Array, range: Bins): number[] {
  const histogram = new Histogram(range);
  histogram.add(scores);
  return rounded(histogram.shares());
}

/** From the lowest to the highest finite score of the ascending sets, but for those `beyond`. */
function rangeOf(sets: readonly Float32Array[]): Bins {
  const ends = sets
    .map((scores) => scores.filter(Number.isFinite))
    .filter(({ length }) => length > 0)
    .map((scores) => {
      const skipped = Math.floor(beyond * scores.length);
      return [scores[skipped]!, scores[scores.length - 1 - skipped]!] as const;
    });
  if (ends.length === 0) return binsOver(0, 0, bins);
  return binsOver(Math.min(...ends.map(([low]) => low)), Math.max(...ends.map(([, high]) => high)), bins);
}

/** How far two neighbouring points may be apart, in both rates together: a pixel or two of a picture. */
const step = 0.01;

/**
 * The ROC curve, ID positive: at each threshold the share of ID images (true positives) and of OOD images (false
 * positives) that are accepted, from (0, 0) to (1, 1). Of points closer than `step` only some are kept; those kept are
 * exact.
 */
export function rocCurve({ idScores, oodScores, idAccepted, oodAccepted }: Sweep): Omit<RocCurve, 'detector' | 'ood'> {
  const falsePositiveRate = [0];
  const truePositiveRate = [0];
  const last = idAccepted.length - 1;
  const rates = (group: number) =>
    [oodAccepted[group]! / oodScores.length, idAccepted[group]! / idScores.length] as const;
  for (let group = 0; group <= last; group++) {
    const [x, y] = rates(group);
    const [nextX, nextY] = group < last ? rates(group + 1) : [Infinity, Infinity];
    if (nextX + nextY - falsePositiveRate.at(-1)! - truePositiveRate.at(-1)! <= step) continue;
    falsePositiveRate.push(x);
    truePositiveRate.push(y);
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

  add(values: Float32Array): void {
    const { low, high, count } = this.#bins;
    const perUnit = count / (high - low);
    for (const value of values) {
      const bin = Math.floor((value - low) * perUnit);
      this.#counts[Math.min(Math.max(bin, 0), count - 1)]!++;
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
