import { FaroutError } from '@farout/core';
import {
  complement,
  confidentRank,
  conformalRank,
  leastForConfidence,
  leastForRank,
  type Decimal,
} from '@farout/statistics';

/** What a calibrated threshold is to promise. */
export interface Asked {
  /** The share of images in distribution that are accepted: 1 − α. */
  readonly tpr: Decimal;
  /** γ: how sure it is that this very threshold refuses at most α of them; the promise is kept on average when absent. */
  readonly confidence?: Decimal;
}

/** A threshold, the calibration score above it, and that score's rank among how many. */
export interface Line {
  readonly value: number;
  readonly score: number;
  readonly k: number;
  readonly n: number;
}

/** The fewest images that a promise can be kept with. */
export function leastImages({ tpr, confidence }: Asked): number {
  const alpha = complement(tpr);
  return confidence === undefined ? leastForRank(alpha) : leastForConfidence(alpha, confidence);
}

/**
 * The threshold under the k-th smallest of some scores.
 *
 * @param which - What is said of the images behind the word, such as ` taken for class 3`; nothing of all images.
 *
 * @throws FaroutError OOD_CALIBRATION_REFUSED where they are too few, or that score is infinite.
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

/** @throws FaroutError OOD_CALIBRATION_REFUSED when so few images can keep no promise; it names how many can. */
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
 * The classes that have a threshold of their own, by how many ID images of the run are taken for each class: those for which twice as many
 * calibration images are expected as a promise needs. All others share one, which must expect as many. The images that calibrate have no
 * part in it: classes that they chose would have other promises.
 *
 * @throws FaroutError OOD_CALIBRATION_REFUSED where no class is frequent enough; it names how many images are needed.
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
