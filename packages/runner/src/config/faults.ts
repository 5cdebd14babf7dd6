import { FaroutError, FaroutErrors, type ErrorCode, type ErrorDetails, type SourcePlace } from '@farout/core';

/** Gathers what is wrong with an experiment, so that all of it is reported at once. */
export class Mistakes {
  readonly #errors = new Map<string, FaroutError>();
  readonly #texts: string[];

  /** `texts`: the experiment's file and what else mistakes lie in, in the order in which they are to be reported. */
  constructor(texts: readonly string[]) {
    this.#texts = [...texts];
  }

  /** Notes a mistake at its place. A place that is used twice, by an alias, is reported once. */
  add(code: ErrorCode, place: SourcePlace, message: string, details: Omit<ErrorDetails, 'place'>): void {
    this.note(new FaroutError(code, message, { ...details, place }));
  }

  /** Notes errors that were raised elsewhere; anything else is thrown on. */
  note(error: unknown): void {
    const errors = error instanceof FaroutErrors ? error.errors : [error];
    for (const each of errors) {
      if (!(each instanceof FaroutError)) throw each;
      const { file, line, column, text = '' } = each.place ?? {};
      if (!this.#texts.includes(text)) this.#texts.push(text);
      this.#errors.set([file, line, column, each.message].join('\n'), each);
    }
  }

  get any(): boolean {
    return this.#errors.size > 0;
  }

  /** @throws FaroutError or FaroutErrors: all that was gathered, text by text, from the top of each. */
  throwIfAny(): void {
    FaroutErrors.throwIfAny([...this.#errors.values()].sort((a, b) => this.#compare(a.place, b.place)));
  }

  #compare(a: SourcePlace | undefined, b: SourcePlace | undefined): number {
    const byText = this.#texts.indexOf(a?.text ?? '') - this.#texts.indexOf(b?.text ?? '');
    return byText || (a?.line ?? 0) - (b?.line ?? 0) || (a?.column ?? 0) - (b?.column ?? 0);
  }
}
