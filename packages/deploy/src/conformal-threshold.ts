import { FaroutError } from '@farout/core';
import {
  complement,
  confidentRank,
  conformalRank,
  leastForConfidence,
  leastForRank,
  type Decimal,
} from '@farout/statistics';

/** The guarantee of a calibrated threshold. */
export interface Asked {
  /** The share of in-distribution images that are accepted: 1 − α. */
  readonly tpr: Decimal;
  /** γ: the probability that this threshold rejects at most α of them; if absent, the guarantee holds on average. */
  readonly confidence?: Decimal;
}

/** A threshold, the calibration score above it, the rank of that score, and the number of scores. */
export interface Line {
  readonly value: number;
  readonly score: number;
  readonly k: number;
  readonly n: number;
}

/** The smallest number of images that can give a guarantee. */
export function leastImages({ tpr, confidence }: Asked): number {
  const alpha = complement(tpr);
  return confidence === undefined ? leastForRank(alpha) : leastForConfidence(alpha, confidence);
}

/**
 * The threshold just below the k-th smallest of some scores.
 *
 * @param which - Follows the word "images" in messages, such as ` taken for class 3`; empty for all images.
 *
 * @throws FaroutError OOD_CALIBRATION_REFUSED when there are too few, or that score is infinite.
 */
export function lineUnder(scores: Float32Array, asked: Asked, which: string): Line {
  const ascending = Float32Array.from(scores).sort();
  const n = ascending.length;
  refuseTooFew(n, asked, which);
  const alpha = complement(asked.tpr);
  const k = asked.confidence === undefined ? conformalRank(n, alpha) : confidentRank(n, alpha, asked.confidence);
  const score = ascending[k - 1]!;
  if (Number.isFinite(score)) return { value: nextUnder(score), score, k, n };
  throw refused(
    `the score of rank ${k} of the images${which} is ${score}`,
    'Calibrate another detector, or use other images.',
  );
}

/** @throws FaroutError OOD_CALIBRATION_REFUSED when there are too few images for a guarantee, with the number needed. */
export function refuseTooFew(n: number, asked: Asked, which: string, remark = ''): void {
  const least = leastImages(asked);
  if (n >= least) return;
  const sure = asked.confidence === undefined ? '' : ` with a confidence of ${asked.confidence}`;
  const most = Number((100 * Number(complement(asked.tpr))).toPrecision(12));
  throw refused(
    `${n} ${n === 1 ? 'image' : 'images'}${which} ${n === 1 ? 'is' : 'are'} too few to promise${sure} that at most ${most} % of in-distribution images are refused`,
    `${which === '' ? `Use at least ${least}.` : `Use more: ${least} such images are needed.`}${remark}`,
  );
}

/**
 * The classes that get their own threshold, by how many ID images of the run are predicted as each class: a class qualifies if it can expect
 * twice as many calibration images as a guarantee needs. All others share one threshold, which must expect as many. The calibration images have no
 * influence on this: if they chose the classes, the guarantees would not hold.
 *
 * @throws FaroutError OOD_CALIBRATION_REFUSED when no class is frequent enough, with the number of images needed.
 */
export function ownClasses(predicted: readonly number[], n: number, asked: Asked): readonly number[] {
  const all = predicted.reduce((sum, count) => sum + count, 0);
  const wanted = 2 * leastImages(asked);
  const expected = (count: number) => (n * count) / all;
  const frequent = [...predicted.keys()]
    .filter((each) => expected(predicted[each]!) >= wanted)
    .sort((a, b) => predicted[b]! - predicted[a]!);
  const rest = () => all - frequent.reduce((sum, each) => sum + predicted[each]!, 0);
  while (frequent.length > 0 && frequent.length < predicted.length && expected(rest()) < wanted) frequent.pop();
  if (frequent.length > 0) return frequent.sort((a, b) => a - b);
  const most = predicted.reduce((largest, count) => Math.max(largest, count), 0);
  const rarer = Math.min(most, all - most);
  throw refused(
    `${n} images are too few for a separate threshold for any class`,
    rarer > 0 ? `Use at least ${Math.ceil((wanted * all) / rarer)}, or omit --per-class.` : 'Omit --per-class.',
  );
}

/** The largest float32 below one. */
function nextUnder(score: number): number {
  const bits = new Int32Array(1);
  const number = new Float32Array(bits.buffer);
  number[0] = score;
  if (score === 0) bits[0] = smallestBelowZero;
  else bits[0]! += score > 0 ? -1 : 1;
  return number[0];
}

const smallestBelowZero = 0x8000_0001 | 0;

export const refused = (why: string, fix: string) => new FaroutError('OOD_CALIBRATION_REFUSED', why, { fix });
