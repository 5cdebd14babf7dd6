import { parseCommandLine } from './parse-command-line.ts';

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
    return reportError(error, process.stderr);
  }
}
