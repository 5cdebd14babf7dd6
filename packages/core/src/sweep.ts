import { FaroutError } from './errors/farout-error.ts';
import { sortScores } from './sort-scores.ts';

/**
 * The scores of an ID and an OOD set, sorted and counted once for all metrics. An image counts as accepted (ID) at a
 * threshold t when its score is ≥ t. Equal scores form one group: no threshold parts them.
 */
export interface Sweep {
  /** ID scores, ascending. */
  readonly idScores: Float32Array;
  /** OOD scores, ascending. */
  readonly oodScores: Float32Array;
  /** The distinct scores of both sets, descending: one entry per group of ties. */
  readonly thresholds: Float32Array;
  /** For each threshold, how many ID scores are ≥ it; the last entry is their number. */
  readonly idAccepted: Uint32Array;
  /** For each threshold, how many OOD scores are ≥ it; the last entry is their number. */
  readonly oodAccepted: Uint32Array;
}

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
