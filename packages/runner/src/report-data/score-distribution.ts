import type { ScoreDistribution, Sweep } from '@farout/core';
import { binsOver, edgesOf, Histogram, type Bins } from './curves.ts';
import { rounded } from './rounded.ts';

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
