import type { Description } from './description.ts';

/** The rank of a score among the ID scores in a file. */
export interface Standing {
  /** The share of ID images with a lower score. */
  readonly lower: number;
  /**
   * The conformal p value, (1 + #{ID scores ≤ s}) / (n + 1): for an image from the same source as the ID images, it is at most t with
   * probability at most t. If the file contains quantiles instead of all scores, it is rounded up to the next value that they allow.
   */
  readonly p: number;
}

/** The rank of a score; for NaN, no score is lower. */
export function standingOf(score: number, { count, scores }: Description['idScores']): Standing {
  const [below, upTo] = [firstAt(scores, (each) => each >= score), firstAt(scores, (each) => each > score)];
  const stands = Number.isNaN(score) ? 0 : 1;
  return {
    lower: stands * shareBelow(below, scores.length),
    p: (1 + stands * countUpTo(upTo, scores.length, count)) / (count + 1),
  };
}

/**
 * Scores as a file contains them: ascending, all of them, or, if there are more than `most`, that many evenly spaced ones, including the
 * lowest and the highest.
 */
export function quantilesOf(scores: Float32Array, most: number): Description['idScores'] {
  const ascending = Float32Array.from(scores).sort();
  const count = ascending.length;
  const size = Math.min(count, most);
  const at = (rank: number) => ascending[Math.round((rank * (count - 1)) / Math.max(1, size - 1))]!;
  return { count, scores: Array.from({ length: size }, (_, rank) => at(rank)) };
}

const shareBelow = (rank: number, size: number) => rank / size;

/** For `size` evenly spaced quantiles, including the lowest and highest, how many of `count` scores may be at or below the first `rank` of them. */
function countUpTo(rank: number, size: number, count: number): number {
  if (size === count) return rank;
  if (rank === 0) return 0;
  return rank === size ? count : Math.round((rank * (count - 1)) / (size - 1));
}

/** Binary search: the index of the first element that satisfies a condition which is false up to some element and true after it. */
function firstAt(list: readonly number[], isSo: (value: number) => boolean): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isSo(list[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}
