import type { Description } from './description.ts';

/** Where a score stands among the ID scores that a file holds. */
export interface Standing {
  /** The share of ID images that score lower. */
  readonly lower: number;
  /**
   * Conformal p value, (1 + #{ID scores ≤ s}) / (n + 1): of an image that comes as the ID images did it is at most t with a probability of at
   * most t. Where the file holds quantiles instead of all scores, the next larger value that they allow.
   */
  readonly p: number;
}

/** Where a score stands; of NaN nothing scores lower. */
export function standingOf(score: number, { count, scores }: Description['idScores']): Standing {
  const [below, upTo] = [firstAt(scores, (each) => each >= score), firstAt(scores, (each) => each > score)];
  const stands = Number.isNaN(score) ? 0 : 1;
  return {
    lower: stands * shareBelow(below, scores.length),
    p: (1 + stands * countUpTo(upTo, scores.length, count)) / (count + 1),
  };
}

/** Scores as a file holds them: ascending, all of them; of more than `most` so many, evenly apart, the lowest and the highest among them. */
export function quantilesOf(scores: Float32Array, most: number): Description['idScores'] {
  const ascending = Float32Array.from(scores).sort();
  const count = ascending.length;
  const size = Math.min(count, most);
  const at = (rank: number) => ascending[Math.round((rank * (count - 1)) / Math.max(1, size - 1))]!;
  return { count, scores: Array.from({ length: size }, (_, rank) => at(rank)) };
}

const shareBelow = (rank: number, size: number) => rank / size;

/** Of `size` quantiles evenly apart, the lowest and highest among them, how many of `count` scores may lie at or below the first `rank`. */
function countUpTo(rank: number, size: number, count: number): number {
  if (size === count) return rank;
  if (rank === 0) return 0;
  return rank === size ? count : Math.round((rank * (count - 1)) / (size - 1));
}

/** The index of the first that is so, of a list whose first ones are not and whose others are. */
function firstAt(list: readonly number[], isSo: (value: number) => boolean): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isSo(list[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}
