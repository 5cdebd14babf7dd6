import { conformalRejections, leastRejections } from '@farout/statistics';
import type { Description } from '@farout/verdict';
import type { Scored } from './score-images.ts';

/** Which of several images are rejected together. */
export interface RejectedTogether {
  /** What they are called, in their order. */
  readonly images: readonly string[];
  /** How many images were judged: all that could be read. */
  readonly judged: number;
  /** The smallest number of images that could be rejected at all; more than `judged` where more ID scores would be needed for any. */
  readonly least: number;
}

/**
 * Rejects images together by Benjamini and Hochberg's rule on their conformal p values: of those rejected, on average over ID scores, at most a
 * share q is in distribution, where the images are independent of each other (frames of one video are not) and those in distribution come as
 * the ID images did. Bates et al., "Testing for outliers with conformal p-values", Annals of Statistics 2023, Theorem 2.
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
