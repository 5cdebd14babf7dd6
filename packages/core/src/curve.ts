import type { Curve } from './contracts/evaluation.ts';
import { FaroutError } from './errors/farout-error.ts';

/** The weight of each image, in the order of its set's scores: finite, 0 or more. By default every image has weight 1. */
export interface ImageWeights {
  /** The weights of the ID images. */
  readonly id?: ArrayLike<number>;
  /** The weights of the OOD images. */
  readonly ood?: ArrayLike<number>;
}

/**
 * Sorts the scores of two sets and counts the images at each. The input arrays are not changed; ±Infinity is a score like any other, −0
 * equals +0 and becomes +0. Weights of images with equal scores are added in the given order.
 *
 * @throws FaroutError OOD_SCORE_INVALID when a set is empty or its images have no weight, a score is NaN, or a weight is
 * negative or not finite.
 */
export function curveOf(idScores: Float32Array, oodScores: Float32Array, weights: ImageWeights = {}): Curve {
  const counted = countSorted(sortChecked('ID', idScores), sortChecked('OOD', oodScores));
  if (!weights.id && !weights.ood) return counted;
  const id = weights.id ? weightsAt(counted.thresholds, 'ID', idScores, weights.id) : counted.id;
  const ood = weights.ood ? weightsAt(counted.thresholds, 'OOD', oodScores, weights.ood) : counted.ood;
  return reweighted(counted, id, ood);
}

/**
 * The curve of the same scores with other weights at each threshold, such as the counts of a bootstrap draw. Nothing is sorted again; a
 * score with no remaining weight is dropped.
 *
 * @throws FaroutError OOD_SCORE_INVALID when there is not exactly one finite weight of 0 or more per threshold, or all are 0.
 */
export function reweighted(curve: Curve, id: ArrayLike<number>, ood: ArrayLike<number>): Curve {
  const { thresholds } = curve;
  const idTotal = totalOf('ID', id, thresholds.length);
  const oodTotal = totalOf('OOD', ood, thresholds.length);
  const hasWeight = (_: number, at: number) => id[at]! > 0 || ood[at]! > 0;
  return {
    thresholds: thresholds.filter(hasWeight),
    id: Float64Array.from(id).filter(hasWeight),
    ood: Float64Array.from(ood).filter(hasWeight),
    idTotal,
    oodTotal,
  };
}

type SetName = 'ID' | 'OOD';

function totalOf(set: SetName, weights: ArrayLike<number>, expected: number): number {
  if (weights.length !== expected) {
    throw invalid(
      `${weights.length} ${set} weights were given, expected ${expected}`,
      'Give one weight for each score.',
    );
  }
  let total = 0;
  for (let at = 0; at < weights.length; at++) {
    const weight = weights[at]!;
    if (!(weight >= 0 && weight < Infinity)) {
      throw invalid(
        `weight ${at} of the ${expected} ${set} weights is ${weight}`,
        'A weight is a finite number, 0 or more.',
      );
    }
    total += weight;
  }
  if (total === 0)
    throw invalid(`the ${set} images have no weight`, 'Give at least one image of each set a weight above 0.');
  return total;
}

/** The summed weights of a set's images at each threshold. */
function weightsAt(
  thresholds: Float32Array,
  set: SetName,
  scores: Float32Array,
  weights: ArrayLike<number>,
): Float64Array {
  totalOf(set, weights, scores.length);
  const sums = new Float64Array(thresholds.length);
  for (const [image, score] of scores.entries()) sums[indexOf(score, thresholds)]! += weights[image]!;
  return sums;
}

/** The index of a score among descending thresholds, which contain it. */
function indexOf(score: number, thresholds: Float32Array): number {
  let [first, last] = [0, thresholds.length - 1];
  while (first < last) {
    const middle = (first + last) >> 1;
    if (thresholds[middle]! > score) first = middle + 1;
    else last = middle;
  }
  return first;
}

const invalid = (message: string, fix: string) => new FaroutError('OOD_SCORE_INVALID', message, { fix });

/** Keys of −∞ and +∞: NaN of either sign lies outside. */
const [lowestKey, highestKey] = [0x007fffff, 0xff800000];

/** The keys of a set's scores, ascending. */
function sortChecked(set: SetName, scores: Float32Array): Uint32Array {
  if (scores.length === 0) throw invalid(`the ${set} set has no scores`, 'Give at least one score of each set.');
  const keys = sortKeys(scores);
  if (keys[0]! < lowestKey || keys.at(-1)! > highestKey) {
    const index = scores.findIndex(Number.isNaN);
    throw invalid(
      `score ${index} of the ${scores.length} ${set} scores is NaN`,
      'A detector must give every image a number; look for 0/0, ∞ − ∞ or the logarithm of a negative number in its formula.',
    );
  }
  return keys;
}

/** Counts in one pass over ascending keys, from the highest down. */
function countSorted(id: Uint32Array, ood: Uint32Array): Curve {
  const most = id.length + ood.length;
  const keys = new Uint32Array(most);
  const idCounts = new Float64Array(most);
  const oodCounts = new Float64Array(most);
  let groups = 0;
  for (let i = id.length, j = ood.length; i > 0 || j > 0; groups++) {
    const key = Math.max(i > 0 ? id[i - 1]! : 0, j > 0 ? ood[j - 1]! : 0);
    const idBefore = i;
    const oodBefore = j;
    while (i > 0 && id[i - 1] === key) i--;
    while (j > 0 && ood[j - 1] === key) j--;
    keys[groups] = key;
    idCounts[groups] = idBefore - i;
    oodCounts[groups] = oodBefore - j;
  }
  return {
    thresholds: scoresOf(keys.subarray(0, groups)),
    id: idCounts.subarray(0, groups),
    ood: oodCounts.subarray(0, groups),
    idTotal: id.length,
    oodTotal: ood.length,
  };
}

/** The relative rounding error of sums of non-integer weights. */
const rounding = 1e-12;

/**
 * The score that about 95 % of the ID images exceed: the ascending ID score at index round(0.05 · N), halves rounded to even, as in the
 * code of Sun et al., "ReAct", NeurIPS 2021 (`util/metrics.py`). An ID image of weight 2 counts as two images. With non-integer weights
 * nothing is rounded: it is the lowest score t with more than 5 % of the weight at scores ≤ t.
 *
 * An image is classified as ID if its score is greater than this.
 */
export const idThreshold95 = (curve: Curve): number => curve.thresholds[idAccepted95(curve)]!;

/** How many of the curve's scores are greater than `idThreshold95`, which is also its index. */
export function idAccepted95({ id, idTotal }: Curve): number {
  const share = 0.05 * idTotal;
  const [ofWhole, ofOthers] = [roundHalfEven(share), share + rounding * idTotal];
  const [sooner, later] = [Math.min(ofWhole, ofOthers), Math.max(ofWhole, ofOthers)];
  let at = id.length;
  let weight = 0;
  while (weight <= sooner) weight += id[--at]!;
  // Usually the two agree, so the kind of weights need not be determined.
  if (weight > later) return at;
  const passed = areWhole(id) ? ofWhole : ofOthers;
  while (weight <= passed) weight += id[--at]!;
  return at;
}

function areWhole(weights: Float64Array): boolean {
  // By index: an iterator takes seven times as long, and a bootstrap calls this for every draw.
  for (let at = 0; at < weights.length; at++) if (!Number.isInteger(weights[at])) return false;
  return true;
}

/** The share of ID images that reach that threshold if no two scores are equal: 0.95 for 20 or 1,000 images, but 1 for 7. */
export const idShare95 = (images: number): number => (images - roundHalfEven(0.05 * images)) / images;

/** Like Python's `round`: the nearest integer, ties to even. */
const roundHalfEven = (x: number) => (x % 1 === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));

const digitBits = 11;
const digits = 1 << digitBits;

/**
 * The keys of `scores`, ascending; −0 has the key of +0, so that equal scores have equal keys. NaN is not rejected here: it ends up at one
 * of the two ends, depending on its sign bit.
 *
 * Radix sort of the bits, three digits of 11 bits, lowest first. Time and memory are linear in the number of scores.
 */
function sortKeys(scores: Float32Array): Uint32Array {
  const keys = orderedKeys(scores);
  const spare = new Uint32Array(keys.length);
  distribute(keys, spare, 0);
  distribute(spare, keys, digitBits);
  distribute(keys, spare, 2 * digitBits);
  return spare;
}

/** Bits that sort as unsigned integers in the order of their floats: the sign bit is flipped, and for negative numbers all bits. */
function orderedKeys(scores: Float32Array): Uint32Array {
  const keys = new Uint32Array(scores.length);
  const allBits = new Uint32Array(scores.buffer, scores.byteOffset, scores.length);
  for (let i = 0; i < keys.length; i++) {
    const bits = allBits[i] === 0x80000000 ? 0 : allBits[i]!;
    keys[i] = bits ^ ((bits >> 31) | 0x80000000);
  }
  return keys;
}

/** Turns keys back into their floats, in place. */
function scoresOf(keys: Uint32Array): Float32Array {
  for (let i = 0; i < keys.length; i++) keys[i] = keys[i]! ^ ((~keys[i]! >> 31) | 0x80000000);
  return new Float32Array(keys.buffer, keys.byteOffset, keys.length);
}

/** Copies `from` to `to` ordered by the digit at bit `shift`; keys with the same digit keep their order. */
function distribute(from: Uint32Array, to: Uint32Array, shift: number): void {
  const next = new Uint32Array(digits + 1);
  for (const key of from) next[((key >>> shift) & (digits - 1)) + 1]!++;
  for (let digit = 1; digit < digits; digit++) next[digit]! += next[digit - 1]!;
  for (const key of from) to[next[(key >>> shift) & (digits - 1)]!++] = key;
}
