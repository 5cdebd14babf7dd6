import { FaroutError } from '@farout/core';

/** The threshold of a detector. */
export interface Threshold {
  /** An image is accepted as in-distribution if its score is greater: float32, between the score at `index` and the next larger one. */
  readonly value: number;
  /** The ID score selected by the rule: `index` ID images score lower or the same. */
  readonly score: number;
  /** The share of ID images accepted by the rule. */
  readonly tpr: number;
  /** The index into the ascending ID scores, from 0. */
  readonly index: number;
  /** How many ID scores there are. */
  readonly count: number;
}

/**
 * The threshold that accepts about a share of the ID images: the ascending ID score at index round((1 − tpr) · N), halves to the even index,
 * as in results. The threshold is halfway to the next larger score, so the last bits of another runtime change no decision.
 *
 * @throws FaroutError OOD_EXPORT_REFUSED when all ID scores are equal, the score is infinite, or there is no larger one.
 */
export function thresholdOf(idScores: Float32Array, tpr: number): Threshold {
  const ascending = Float32Array.from(idScores).sort();
  const count = ascending.length;
  const index = Math.min(roundHalfEven((1 - tpr) * count), count - 1);
  const score = ascending[index]!;
  const next = ascending.find((each) => each > score);
  if (ascending[0] === ascending.at(-1)) throw refused('it gives all ID images the same score');
  if (!Number.isFinite(score)) throw refused(`its threshold is ${score}`);
  if (next === undefined) throw refused('no ID image scores above the threshold');
  return { value: between(score, next), score, tpr, index, count };
}

/** The middle of two float32 numbers, or the lower one if there is none between them: every score above it is at least `high`. */
function between(low: number, high: number): number {
  const middle = Math.fround(Number.isFinite(high) ? low / 2 + high / 2 : low + 1);
  return middle < high ? middle : low;
}

/** Like Python's `round`: the nearest integer, ties to even. Ignores the rounding error of (1 − tpr) · N. */
function roundHalfEven(x: number): number {
  const near = Number(x.toPrecision(12));
  return near % 1 === 0.5 ? 2 * Math.round(near / 2) : Math.round(near);
}

const refused = (why: string) =>
  new FaroutError('OOD_EXPORT_REFUSED', why, { fix: 'Export another detector of the run, or use another --tpr.' });
