import type { Description } from './description.ts';
import { standingOf, type Standing } from './ranks.ts';

/** A detector's result for an image. */
export interface Verdict extends Standing {
  /** Higher = more in-distribution. */
  readonly score: number;
  /** Whether the score exceeds the file's threshold. */
  readonly isInDistribution: boolean;
  /** The predicted class, and its name if the file contains it. */
  readonly class: number;
  readonly label?: string;
  /** The network's probability for this class; not reliable, least of all for an image that is out of distribution. */
  readonly probability: number;
}

const outputNames = { score: 'score', decision: 'is_in_distribution', probabilities: 'probabilities' };

/** Whether a graph has the input that its file describes, and the outputs that a verdict needs. */
export const isDetector = (
  { inputs, outputs }: { readonly inputs: readonly string[]; readonly outputs: readonly string[] },
  { input }: Pick<Description, 'input'>,
): boolean => inputs.includes(input.name) && Object.values(outputNames).every((name) => outputs.includes(name));

/** The verdict on one image from the outputs of a file's graph. */
export function verdictOf(
  outputs: Readonly<Record<string, { readonly data: ArrayLike<unknown> }>>,
  { idScores, labels }: Pick<Description, 'idScores' | 'labels'>,
): Verdict {
  const first = (name: string) => Number(outputs[name]!.data[0]);
  const score = first(outputNames.score);
  const probabilities = Float32Array.from(outputs[outputNames.probabilities]!.data as ArrayLike<number>);
  const found = probabilities.reduce((best, each, at) => (each > probabilities[best]! ? at : best), 0);
  const label = labels?.[found];
  return {
    score,
    isInDistribution: first(outputNames.decision) === 1,
    class: found,
    ...(label !== undefined && { label }),
    probability: probabilities[found]!,
    ...standingOf(score, idScores),
  };
}

/** Runs tasks one after the other: a session handles one request at a time. */
export function inTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work);
    last = next.catch(() => undefined);
    return next;
  };
}
