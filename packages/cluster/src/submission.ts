import { createHash } from 'node:crypto';
import { FaroutError, printable } from '@farout/core';

/** What is done one after the other: read the images, learn, read what needs something learnt. */
export type Wave = 'features' | 'fit' | 'second';

/** An experiment that an engine is to work on, in the words of the machines that will. */
export interface Submission {
  /** What the experiment calls itself; any text. */
  readonly name: string;
  /** The experiment's file: its path where the tasks run. */
  readonly file: string;
  /** Into how many tasks a wave over images is cut. */
  readonly tasks: number;
  /** The waves that the experiment has, in their order. */
  readonly waves: readonly Wave[];
  /** What starts farout there, word by word. */
  readonly command: readonly string[];
  /** What every task gets besides its number: `--set seed=1`, word by word. */
  readonly options: readonly string[];
  /** What the last run gets besides these: `--out results`. */
  readonly runOptions: readonly string[];
  /** The exit code of a task whose request is wrong: no machine and no time makes it right. */
  readonly neverRetry: number;
}

/** Beyond this no engine's defaults hold, and a wave takes longer to hand out than to work. */
const mostTasks = 10_000;

/**
 * How many tasks a wave is cut into.
 *
 * @throws FaroutError OOD_BAD_COMMAND when it is no whole number from 1 to 10,000.
 */
export function checkedTasks(tasks: number): number {
  if (Number.isInteger(tasks) && tasks >= 1 && tasks <= mostTasks) return tasks;
  throw new FaroutError('OOD_BAD_COMMAND', `--tasks is ${tasks}`, {
    fix: 'Give a whole number from 1 to 10000, the number of tasks that share the images.',
  });
}

/** Whether each of its tasks takes a share of the images; what is not cut is one task. */
export const isCut = (wave: Wave): boolean => wave !== 'fit';

/**
 * A text as a label of DNS (RFC 1123): lowercase letters, digits and hyphens, at most `most` of them. Where that loses something, a few
 * digits of the text's SHA-256 follow, so that different texts have different labels.
 */
export function dnsLabel(text: string, most = 40): string {
  const plain = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  if (plain === text && plain !== '' && plain.length <= most) return plain;
  const digits = createHash('sha256').update(text).digest('hex').slice(0, 8);
  const kept = plain.slice(0, most - digits.length - 1).replace(/-+$/, '');
  return kept === '' ? `x-${digits}` : `${kept}-${digits}`;
}

/**
 * Options that an engine gets as they are.
 *
 * @throws FaroutError OOD_BAD_COMMAND where one would break out of its line.
 */
export function checkedWords(words: readonly string[]): readonly string[] {
  const bad = words.find((word) => printable(word) !== word);
  if (bad === undefined) return words;
  throw new FaroutError('OOD_BAD_COMMAND', `an option after -- has a control character: "${printable(bad)}"`, {
    fix: 'Remove line breaks and control characters.',
  });
}
