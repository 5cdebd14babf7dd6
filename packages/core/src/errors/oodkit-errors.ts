import type { OodkitError } from './oodkit-error.ts';

/** Several mistakes found in one go: a config with three typos is reported once, with all three. */
export class OodkitErrors extends AggregateError {
  override readonly name = 'OodkitErrors';
  declare readonly errors: OodkitError[];

  constructor(errors: readonly OodkitError[]) {
    super(errors, errors.map((error) => error.message).join('; '));
  }

  /** Throws what was gathered: nothing, the one error, or all of them together. */
  static throwIfAny(errors: readonly OodkitError[]): void {
    if (errors.length === 1) throw errors[0]!;
    if (errors.length > 1) throw new OodkitErrors(errors);
  }
}
