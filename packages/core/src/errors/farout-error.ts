import { errorCodes, type ErrorCode, type ErrorKind } from './codes.ts';

/**
 * Every error that farout raises on purpose. The message is one sentence without a full stop that says what is wrong;
 * `code` is stable, so that programs and tests compare it and not the sentence.
 */
export class FaroutError extends Error {
  override readonly name = 'FaroutError';
  readonly code: ErrorCode;
  readonly place: SourcePlace | undefined;
  readonly fix: string | undefined;
  readonly choices: ErrorDetails['choices'];

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? {} : { cause: details.cause });
    this.code = code;
    this.place = details.place;
    this.fix = details.fix;
    this.choices = details.choices;
  }

  /** Whether the request was wrong (exit code 2) or the run failed (exit code 1). */
  get kind(): ErrorKind {
    return errorCodes[this.code].kind;
  }
}

/** Several mistakes found in one go: a config with three typos is reported once, with all three. */
export class FaroutErrors extends AggregateError {
  override readonly name = 'FaroutErrors';
  declare readonly errors: FaroutError[];

  constructor(errors: readonly FaroutError[]) {
    super(errors, errors.map((error) => error.message).join('; '));
  }

  /** Throws what was gathered: nothing, the one error, or all of them together. */
  static throwIfAny(errors: readonly FaroutError[]): void {
    if (errors.length === 1) throw errors[0]!;
    if (errors.length > 1) throw new FaroutErrors(errors);
  }
}

/** A place in a text file; line and column count from 1. */
export interface SourcePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** How many characters are meant, for the underline; 1 when unknown. */
  readonly length?: number;
  /** The whole text of the file, so that the lines around can be shown. */
  readonly text?: string;
}

/** What an error carries besides its sentence. */
export interface ErrorDetails {
  /** Where the fault lies, if it lies in a file of the user. */
  readonly place?: SourcePlace;
  /** What to do about it, a whole sentence. */
  readonly fix?: string;
  /** What would have been possible: `Scorers here: energy, msp.` */
  readonly choices?: { readonly title: string; readonly names: readonly string[] };
  /** The error behind this one. */
  readonly cause?: unknown;
}
