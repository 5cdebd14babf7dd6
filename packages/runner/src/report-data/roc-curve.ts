import type { RocCurve, Sweep } from '@farout/core';
import { rounded } from './rounded.ts';

/** How far two neighbouring points may be apart, in both rates together: a pixel or two of a picture. */
const step = 0.01;

/**
 * The ROC curve, ID positive: at each threshold the share of ID images (true positives) and of OOD images (false
 * positives) that are accepted, from (0, 0) to (1, 1). Of points closer than `step` only some are kept; those kept are
 * exact.
 */
export function rocCurve({ idScores, oodScores, idAccepted, oodAccepted }: Sweep): Omit<RocCurve, 'detector' | 'ood'> {
  const falsePositiveRate = [0];
  const truePositiveRate = [0];
  const last = idAccepted.length - 1;
  const rates = (group: number) =>
    [oodAccepted[group]! / oodScores.length, idAccepted[group]! / idScores.length] as const;
  for (let group = 0; group <= last; group++) {
    const [x, y] = rates(group);
    const [nextX, nextY] = group < last ? rates(group + 1) : [Infinity, Infinity];
    if (nextX + nextY - falsePositiveRate.at(-1)! - truePositiveRate.at(-1)! <= step) continue;
    falsePositiveRate.push(x);
    truePositiveRate.push(y);
  }
  return { falsePositiveRate: rounded(falsePositiveRate), truePositiveRate: rounded(truePositiveRate) };
}
