import { OodkitError, OodkitErrors, type ErrorCode, type ErrorDetails, type SourcePlace } from '@oodkit/core';

/** Gathers what is wrong with an experiment, so that all of it is reported at once. */
export class Mistakes {
  readonly #errors = new Map<string, OodkitError>();
  readonly #files: string[];

  /** `file`: what places call the experiment's file; its mistakes come first. */
  constructor(file: string) {
    this.#files = [file];
  }

  /** Notes a mistake at its place. A place that is used twice, by an alias, is reported once. */
  add(code: ErrorCode, place: SourcePlace, message: string, details: Omit<ErrorDetails, 'place'>): void {
    this.note(new OodkitError(code, message, { ...details, place }));
  }

  /** Notes errors that were raised elsewhere; anything else is thrown on. */
  note(error: unknown): void {
    const errors = error instanceof OodkitErrors ? error.errors : [error];
    for (const each of errors) {
      if (!(each instanceof OodkitError)) throw each;
      const file = each.place?.file ?? '';
      if (!this.#files.includes(file)) this.#files.push(file);
      this.#errors.set([file, each.place?.line, each.place?.column, each.message].join('\n'), each);
    }
  }

  get any(): boolean {
    return this.#errors.size > 0;
  }

  /** @throws OodkitError or OodkitErrors: all that was gathered, file by file, from the top of each. */
  throwIfAny(): void {
    OodkitErrors.throwIfAny([...this.#errors.values()].sort((a, b) => this.#compare(a.place, b.place)));
  }

  #compare(a: SourcePlace | undefined, b: SourcePlace | undefined): number {
    const byFile = this.#files.indexOf(a?.file ?? '') - this.#files.indexOf(b?.file ?? '');
    return byFile || (a?.line ?? 0) - (b?.line ?? 0) || (a?.column ?? 0) - (b?.column ?? 0);
  }
}
