import { inspect } from 'node:util';
import { describeError, didYouMean, FaroutError, FaroutErrors, printableLines } from '@farout/core';
import { exitCodes } from './command.ts';
import { invocation } from './invocation.ts';

/** What was written, and what would have been valid. */
export interface WrongWord {
  readonly word: string;
  /** Heading of the list of valid words: `Commands`. */
  readonly title: string;
  readonly names: readonly string[];
}

/** The error for an invalid command line. Its advice is `fix`, or else the most similar word, or else a pointer to the help. */
export function badCommand(message: string, wrong?: WrongWord, fix?: string): FaroutError {
  const nearest = wrong && didYouMean(wrong.word, wrong.names);
  return new FaroutError('OOD_BAD_COMMAND', message, {
    fix: fix ?? nearest ?? `See "${invocation} --help".`,
    ...(wrong && { choices: { title: wrong.title, names: wrong.names } }),
  });
}

/** Prints what went wrong and returns the exit code. Only unforeseen errors are printed with a stack trace. */
export function reportError(error: unknown, to: { write: (text: string) => unknown }): number {
  if (error instanceof Error && error.name === 'Interrupted') {
    to.write(`${error.message}\n`);
    return exitCodes.interrupted;
  }
  if (error instanceof FaroutError || error instanceof FaroutErrors) {
    to.write(`${describeError(error)}\n`);
    const errors = error instanceof FaroutErrors ? error.errors : [error];
    return errors.some(({ kind }) => kind === 'run') ? exitCodes.failed : exitCodes.wrongRequest;
  }
  to.write(`${printableLines(inspect(error))}\n\n`);
  to.write(`This is a bug in farout, not a mistake in your experiment. Please report it with the lines above.\n`);
  return exitCodes.failed;
}
