import { betaCdf } from '../../packages/statistics/src/index.ts';
import type { IntervalOf } from './intervals.ts';

/**
 * The percentile interval of FPR95 from a stratified bootstrap with infinitely many draws, computed exactly. The threshold of a draw is the ID score
 * of some rank, and the probabilities of ranks depend only on N. Given the threshold, the number of OOD images above it
 * is binomial. So FPR95 over draws is distributed as a mixture of binomials.
 */
export function percentileInterval(idImages: number, oodImages: number): IntervalOf {
  const ranks = thresholdRanks(idImages);
  return (idScores, oodScores) => {
    const [id, ood] = [idScores.toSorted(), oodScores.toSorted()];
    const mixture = new Map<number, number>();
    for (const [rank, probability] of ranks) {
      const above = oodImages - countUpTo(ood, id[rank]!);
      mixture.set(above, (mixture.get(above) ?? 0) + probability);
    }
    const low = quantile(mixture, 0.025, oodImages);
    return { low, high: quantile(mixture, 0.975, oodImages) };
  };
}

/** The possible ranks, from 0, of the threshold of a draw of N images, with their probabilities if not negligible. */
function thresholdRanks(images: number): [rank: number, probability: number][] {
  const position = Math.round(0.05 * images);
  // Rank j or below: more than `position` of the drawn images are among the j + 1 lowest.
  const upTo = (rank: number) => betaCdf((rank + 1) / images, position + 1, images - position);
  const all = Array.from({ length: images }, (_, rank): [number, number] => [rank, upTo(rank) - upTo(rank - 1)]);
  return all.filter(([, probability]) => probability > 1e-9);
}

function countUpTo(sorted: Float32Array, score: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! <= score) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The smallest share of images that this fraction of the draws does not exceed, from the mixture of binomials. */
function quantile(mixture: ReadonlyMap<number, number>, part: number, images: number): number {
  let [low, high] = [-1, images];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    let reached = 0;
    for (const [above, probability] of mixture) reached += probability * binomialCdf(middle, images, above / images);
    if (reached >= part) high = middle;
    else low = middle;
  }
  return high / images;
}

/** P(X ≤ count) for `trials` trials. */
const binomialCdf = (count: number, trials: number, p: number) =>
  count >= trials ? 1 : 1 - betaCdf(p, count + 1, trials - count);
