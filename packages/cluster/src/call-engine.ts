import { execFile } from 'node:child_process';
import { FaroutError, printableLines } from '@farout/core';

/** How to call a program. */
export interface EngineCall {
  readonly cwd: string;
  /** Its stdin. */
  readonly input?: string;
}

/**
 * Calls a program of an engine, without a shell, and returns its output.
 *
 * @throws FaroutError OOD_ENGINE_ABSENT when the program is not on this machine, OOD_ENGINE_FAILED when it fails, with its message.
 */
export function callEngine(program: string, words: readonly string[], { cwd, input }: EngineCall): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, words, { cwd, maxBuffer: 16 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (!error) resolve(stdout);
      else reject(error.code === 'ENOENT' ? absent(program) : refused(program, stderr || error.message, error));
    });
    // A program that exits without reading reports the reason on stderr.
    child.stdin?.on('error', () => undefined).end(input ?? '');
  });
}

const absent = (program: string) =>
  new FaroutError('OOD_ENGINE_ABSENT', `the program "${program}" is not installed on this machine`, {
    fix: `Submit from a machine that has ${program}, or use --dry-run to see what would be sent.`,
  });

const refused = (program: string, words: string, cause: Error) =>
  new FaroutError('OOD_ENGINE_FAILED', `${program} refused: ${printableLines(words.trim())}`, {
    fix: `Use --dry-run to see what is sent, and fix what ${program} reports.`,
    cause,
  });
