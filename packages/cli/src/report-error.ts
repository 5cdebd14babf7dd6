import { inspect } from 'node:util';
import { describeError, FaroutError, FaroutErrors, printableLines } from '@farout/core';
import { exitCodes } from './exit-codes.ts';

/** Says what went wrong and returns the exit code. Only what nobody foresaw comes with a stack trace. */
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
  to.write(`This is a fault of farout, not of your experiment. Please report it with the lines above.\n`);
  return exitCodes.failed;
}
