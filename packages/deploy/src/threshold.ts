import { FaroutError } from '@farout/core';

/** Where a detector draws the line between its ID scores. */
export interface Threshold {
  /** An image is taken for in-distribution when its score is greater: float32, between the score at `index` and the next larger one. */
  readonly value: number;
  /** The ID score that the rule names: as many ID images as `index` says score lower, or the same. */
  readonly score: number;
  /** The share of ID images that the rule accepts. */
  readonly tpr: number;
  /** Which of the ascending ID scores, from 0 on. */
  readonly index: number;
  /** How many ID scores there are. */
  readonly count: number;
}

/**
 * The threshold that accepts about a share of the ID images: the ascending ID score at index round((1 − tpr) · N), halves to the even index,
 * as results have it. The number is put halfway to the next larger score, so that the last bits of another runtime move no decision.
 *
 * @throws FaroutError OOD_EXPORT_REFUSED where all ID scores are equal, where the score is infinite, or no larger one is there.
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

/** The middle of two float32 numbers, or the lower one where none lies between them: what scores more than it scores `high` or more. */
function between(low: number, high: number): number {
  const middle = Math.fround(Number.isFinite(high) ? low / 2 + high / 2 : low + 1);
  return middle < high ? middle : low;
}

/** As Python's `round`: the nearest integer, the even one of two that are equally near. What (1 − tpr) · N is off by is not seen. */
function roundHalfEven(x: number): number {
  const near = Number(x.toPrecision(12));
  return near % 1 === 0.5 ? 2 * Math.round(near / 2) : Math.round(near);
}

const refused = (why: string) =>
  new FaroutError('OOD_EXPORT_REFUSED', why, { fix: 'Export another detector of the run, or use another --tpr.' });
