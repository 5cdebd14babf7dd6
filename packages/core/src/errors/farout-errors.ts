import type { FaroutError } from './farout-error.ts';

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
