import { conformalRejections, leastRejections } from '@farout/statistics';
import type { Description } from '@farout/verdict';
import type { Scored } from './score-images.ts';

/** Which of several images are rejected together. */
export interface RejectedTogether {
  /** Their names, in order. */
  readonly images: readonly string[];
  /** How many images were judged: all readable ones. */
  readonly judged: number;
  /** The smallest number of images that could be rejected; greater than `judged` if rejecting any needs more ID scores. */
  readonly least: number;
}

/**
 * Rejects images jointly by the Benjamini–Hochberg rule on their conformal p values. Among the rejected images, on average over ID scores, at most
 * a share q is in distribution, if the images are independent (frames of one video are not) and in-distribution images come from the same
 * distribution as the ID images. Bates et al., "Testing for outliers with conformal p-values", Annals of Statistics 2023, Theorem 2.
 */
export function rejectTogether(
  all: readonly Scored[],
  { idScores: { count } }: Pick<Description, 'idScores'>,
  q: number,
): RejectedTogether {
  const read = all.flatMap((scored) => ('verdict' in scored ? [scored] : []));
  const rejected = conformalRejections(
    read.map(({ verdict: { p } }) => p),
    count,
    q,
  );
  return {
    images: rejected.map((at) => read[at]!.name),
    judged: read.length,
    least: leastRejections(read.length, count, q),
  };
}
