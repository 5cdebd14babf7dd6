import type { DatasetScores } from '../score/on-features.ts';

/** An image by its dataset and its index there, and its score. */
export interface ScoredImage {
  readonly dataset: string;
  readonly index: number;
  readonly score: number;
}

/** The `count` images with the highest or the lowest scores of a detector, the most extreme first; of equal ones the first listed. */
export function mostExtreme(
  sets: Iterable<readonly [string, DatasetScores]>,
  detector: string,
  side: 'highest' | 'lowest',
  count: number,
): ScoredImage[] {
  const found: ScoredImage[] = [];
  const before = (a: number, b: number) => (side === 'highest' ? a > b : a < b);
  for (const [dataset, { scores }] of sets) {
    for (const [index, score] of scores.get(detector)!.entries()) {
      if (found.length === count && !before(score, found.at(-1)!.score)) continue;
      const at = found.findIndex((other) => before(score, other.score));
      found.splice(at === -1 ? found.length : at, 0, { dataset, index, score });
      found.length = Math.min(found.length, count);
    }
  }
  return found;
}
