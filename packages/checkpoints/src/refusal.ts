import { FaroutError, printable, type ErrorCode } from '@farout/core';

/**
 * Why bytes are not taken. The parsers throw it, for they do not know whose bytes they read; the functions that the
 * package exports turn it into a FaroutError that names the file.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly fix: string;

  /** `what` is a sentence without a full stop, `fix` a whole one. */
  constructor(what: string, fix = 'The file is damaged: download or copy it again.', options?: ErrorOptions) {
    super(what, options);
    this.fix = fix;
  }
}

/** A refusal as the FaroutError that the caller sees; any other error as it is. */
export function withSource(error: unknown, code: ErrorCode, source: string): unknown {
  if (!(error instanceof Refusal)) return error;
  return new FaroutError(code, `${source}: ${error.message}`, { fix: error.fix, cause: error });
}

const longest = 80;

/** Text out of a file, as an error may print it: at most 80 characters, and none that a terminal would obey. */
export const shown = (text: string): string => printable(text.slice(0, longest)) + (text.length > longest ? '…' : '');
