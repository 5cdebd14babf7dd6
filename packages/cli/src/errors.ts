import { didYouMean, FaroutError } from '@farout/core';
import { invocation } from './invocation.ts';

/** What was written, and what could have been. */
export interface WrongWord {
  readonly word: string;
  /** Heads the possible words: `Commands`. */
  readonly title: string;
  readonly names: readonly string[];
}

/**
 * The error of a command line that cannot be understood: what to do is `fix`, else the nearest possible word, else where help
 * is.
 */
export function badCommand(message: string, wrong?: WrongWord, fix?: string): FaroutError {
  const nearest = wrong && didYouMean(wrong.word, wrong.names);
  return new FaroutError('OOD_BAD_COMMAND', message, {
    fix: fix ?? nearest ?? `See "${invocation} --help".`,
    ...(wrong && { choices: { title: wrong.title, names: wrong.names } }),
  });
}
