import { createHash } from 'node:crypto';
import { FaroutError, printable } from '@farout/core';

/** The stages of a run, in order: read the images, fit, then read what depends on fitted values. */
export type Wave = 'features' | 'fit' | 'second';

/** An experiment for an engine, with paths and commands as they are on its machines. */
export interface Submission {
  /** The name of the experiment; any text. */
  readonly name: string;
  /** The path of the experiment file where the tasks run. */
  readonly file: string;
  /** The number of tasks in a wave over images. */
  readonly tasks: number;
  /** The waves of the experiment, in order. */
  readonly waves: readonly Wave[];
  /** The command that starts farout there, as a list of words. */
  readonly command: readonly string[];
  /** The options of every task in addition to its number, as a list of words: `--set seed=1`. */
  readonly options: readonly string[];
  /** Additional options of the final run: `--out results`. */
  readonly runOptions: readonly string[];
  /** The exit code of a task with an invalid request, which a retry cannot fix. */
  readonly neverRetry: number;
}

/** Above this, the defaults of engines no longer suffice, and distributing a wave takes longer than the work. */
const mostTasks = 10_000;

/**
 * Checks the number of tasks of a wave.
 *
 * @throws FaroutError OOD_BAD_COMMAND when it is not an integer from 1 to 10,000.
 */
export function checkedTasks(tasks: number): number {
  if (Number.isInteger(tasks) && tasks >= 1 && tasks <= mostTasks) return tasks;
  throw new FaroutError('OOD_BAD_COMMAND', `--tasks is ${tasks}`, {
    fix: 'Give a whole number from 1 to 10000, the number of tasks that share the images.',
  });
}

/** Whether the wave is split into tasks, each with a share of the images; otherwise it is one task. */
export const isCut = (wave: Wave): boolean => wave !== 'fit';

/**
 * Converts a text to a DNS label (RFC 1123): lowercase letters, digits and hyphens, at most `most` characters. If that loses information, digits
 * of the text's SHA-256 are appended, so different texts have different labels.
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
 * Checks options that are passed to an engine unchanged.
 *
 * @throws FaroutError OOD_BAD_COMMAND when one would break out of its line.
 */
export function checkedWords(words: readonly string[]): readonly string[] {
  const bad = words.find((word) => printable(word) !== word);
  if (bad === undefined) return words;
  throw new FaroutError('OOD_BAD_COMMAND', `an option after -- has a control character: "${printable(bad)}"`, {
    fix: 'Remove line breaks and control characters.',
  });
}
