import type { Description } from './description.ts';
import { standingOf, type Standing } from './ranks.ts';

/** What a detector says of an image. */
export interface Verdict extends Standing {
  /** Higher = more in-distribution. */
  readonly score: number;
  /** Whether the score exceeds the file's threshold. */
  readonly isInDistribution: boolean;
  /** The class that the network takes it for, by number, and what it is called where the file says so. */
  readonly class: number;
  readonly label?: string;
  /** The probability that the network gives this class; no promise, and least of all for an image that is not in distribution. */
  readonly probability: number;
}

const outputNames = { score: 'score', decision: 'is_in_distribution', probabilities: 'probabilities' };

/** Whether a graph has the input that its file describes and the outputs that a verdict is made of. */
export const isDetector = (
  { inputs, outputs }: { readonly inputs: readonly string[]; readonly outputs: readonly string[] },
  { input }: Pick<Description, 'input'>,
): boolean => inputs.includes(input.name) && Object.values(outputNames).every((name) => outputs.includes(name));

/** What the outputs of a file's graph mean for one image. */
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

/** Lets work begin when all before it has ended: a session takes one request at a time. */
export function inTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work);
    last = next.catch(() => undefined);
    return next;
  };
}
