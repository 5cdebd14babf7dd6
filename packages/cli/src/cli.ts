import { parseCommandLine } from './command-line.ts';

/**
 * Does what the words of a command line ask for. Results go to stdout, all else to stderr.
 *
 * @returns the exit code (see `exitCodes`); never throws.
 */
export async function cli(words: readonly string[]): Promise<number> {
  try {
    const perform = await parseCommandLine(words);
    return await perform();
  } catch (error) {
    const { reportError } = await import('./report-error.ts');
    if (words.includes('--json')) await printErrors(error);
    return reportError(error, process.stderr);
  }
}

/** Also for those who read events, who look at nothing but stdout. */
async function printErrors(error: unknown): Promise<void> {
  const { errorEvents } = await import('./events.ts');
  const { printEvent } = await import('./print-event.ts');
  errorEvents(error).forEach(printEvent);
}
