import type { Sweep } from './contracts/evaluation.ts';
import { FaroutError } from './errors/farout-error.ts';

/**
 * Sorts and counts the scores of two sets. The arrays given are left as they are; ±Infinity is a score like any other,
 * −0 equals +0 and comes out as +0.
 *
 * @throws FaroutError OOD_SCORE_INVALID when a set is empty or a score is NaN.
 */
export function sweep(idScores: Float32Array, oodScores: Float32Array): Sweep {
  const id = sortChecked('ID', idScores);
  const ood = sortChecked('OOD', oodScores);
  return { idScores: id, oodScores: ood, ...countAccepted(id, ood) };
}

function sortChecked(set: 'ID' | 'OOD', scores: Float32Array): Float32Array {
  if (scores.length === 0) {
    throw new FaroutError('OOD_SCORE_INVALID', `the ${set} set has no scores`, {
      fix: 'Give at least one score of each set.',
    });
  }
  const sorted = sortScores(scores);
  // NaN sorts to an end, so that the two ends tell whether there is one.
  if (Number.isNaN(sorted[0]) || Number.isNaN(sorted.at(-1))) {
    const index = scores.findIndex(Number.isNaN);
    throw new FaroutError('OOD_SCORE_INVALID', `score ${index} of the ${scores.length} ${set} scores is NaN`, {
      fix: 'A detector must give every image a number; look for 0/0, ∞ − ∞ or the logarithm of a negative number in its formula.',
    });
  }
  return sorted;
}

/** One pass from the highest score down; `id[i]` and `ood[j]` are the lowest accepted so far. */
function countAccepted(id: Float32Array, ood: Float32Array): Omit<Sweep, 'idScores' | 'oodScores'> {
  const most = id.length + ood.length;
  const thresholds = new Float32Array(most);
  const idAccepted = new Uint32Array(most);
  const oodAccepted = new Uint32Array(most);
  let groups = 0;
  for (let i = id.length, j = ood.length; i > 0 || j > 0; groups++) {
    const threshold = Math.max(i > 0 ? id[i - 1]! : -Infinity, j > 0 ? ood[j - 1]! : -Infinity);
    while (i > 0 && id[i - 1] === threshold) i--;
    while (j > 0 && ood[j - 1] === threshold) j--;
    thresholds[groups] = threshold;
    idAccepted[groups] = id.length - i;
    oodAccepted[groups] = ood.length - j;
  }
  return {
    thresholds: thresholds.subarray(0, groups),
    idAccepted: idAccepted.subarray(0, groups),
    oodAccepted: oodAccepted.subarray(0, groups),
  };
}

/**
 * The score above which about 95 % of the ID images lie: the ascending ID score at index round(0.05 · N), halves to the
 * even index, as the code of Sun et al., "ReAct", NeurIPS 2021 has it (`util/metrics.py`).
 *
 * An image is taken for ID when its score is greater than this.
 */
export const idThreshold95 = (ascendingIdScores: Float32Array): number =>
  ascendingIdScores[roundHalfEven(0.05 * ascendingIdScores.length)]!;

/** The share of a number of ID images that reach that threshold where no two score alike: 0.95 of 20 or 1,000, but all of 7. */
export const idShare95 = (images: number): number => (images - roundHalfEven(0.05 * images)) / images;

/** As Python's `round`: the nearest integer, the even one of two that are equally near. */
const roundHalfEven = (x: number) => (x % 1 === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));

const digitBits = 11;
const digits = 1 << digitBits;

/**
 * A sorted copy of `scores`, ascending; −0 becomes +0, so that equal scores have equal bits. NaN is not refused here: it
 * ends up at one of the two ends, by its sign bit.
 *
 * Radix sort of the bits, three digits of 11 bits from the lowest up. Time and memory grow with the number of scores.
 */
function sortScores(scores: Float32Array): Float32Array {
  const keys = orderedKeys(scores);
  const spare = new Uint32Array(keys.length);
  distribute(keys, spare, 0);
  distribute(spare, keys, digitBits);
  distribute(keys, spare, 2 * digitBits);
  return scoresOf(spare);
}

/** Bits that order as unsigned integers like their floats do: the sign bit turned, negative ones turned altogether. */
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
  return new Float32Array(keys.buffer);
}

/** Copies `from` to `to` ordered by the digit at bit `shift`; keys with the same digit keep their order. */
function distribute(from: Uint32Array, to: Uint32Array, shift: number): void {
  const next = new Uint32Array(digits + 1);
  for (const key of from) next[((key >>> shift) & (digits - 1)) + 1]!++;
  for (let digit = 1; digit < digits; digit++) next[digit]! += next[digit - 1]!;
  for (const key of from) to[next[(key >>> shift) & (digits - 1)]!++] = key;
}
