import { FaroutError, FaroutErrors, type ErrorCode, type ErrorDetails, type SourcePlace } from '@farout/core';
import type { ConfigNode } from './node.ts';

/** Collects all faults of an experiment, so that they are reported at once. */
export class Faults {
  readonly #errors = new Map<string, FaroutError>();
  readonly #texts: string[];

  /** `texts`: the experiment's file and other sources of faults (such as overrides), in the order in which to report them. */
  constructor(texts: readonly string[]) {
    this.#texts = [...texts];
  }

  /** Records a fault at its place. A place used twice through an alias is reported once. */
  add(code: ErrorCode, place: SourcePlace, message: string, details: Omit<ErrorDetails, 'place'>): void {
    this.note(new FaroutError(code, message, { ...details, place }));
  }

  /** Records errors thrown elsewhere. Anything but a farout error is rethrown. */
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

  /** @throws FaroutError or FaroutErrors: all recorded faults, text by text, each from top to bottom. */
  throwIfAny(): void {
    FaroutErrors.throwIfAny([...this.#errors.values()].sort((a, b) => this.#compare(a.place, b.place)));
  }

  #compare(a: SourcePlace | undefined, b: SourcePlace | undefined): number {
    const byText = this.#texts.indexOf(a?.text ?? '') - this.#texts.indexOf(b?.text ?? '');
    return byText || (a?.line ?? 0) - (b?.line ?? 0) || (a?.column ?? 0) - (b?.column ?? 0);
  }
}

/** The columns of scores.csv that are not named after detectors. */
const columns = ['dataset', 'image', 'label', 'predicted', 'class', 'group'];

/** Refuses a detector or dataset name that equals another column of scores.csv, or that begins or ends with a blank. */
export function refuseName(name: string, place: SourcePlace, faults: Faults): void {
  if (columns.includes(name.trim().toLowerCase())) {
    faults.add('OOD_DUPLICATE_NAME', place, `"${name}" is already the name of a column of scores.csv`, {
      fix: 'Give it another name.',
      choices: { title: 'Taken', names: columns },
    });
  } else refuseBlanks(name, place, faults);
}

/** Refuses a name that begins or ends with a blank. */
export function refuseBlanks(name: string, place: SourcePlace, faults: Faults): void {
  if (name !== name.trim()) {
    faults.add('OOD_CONFIG_TYPE', place, `the name "${name}" begins or ends with whitespace`, {
      fix: name.trim() === '' ? 'Give it a name.' : `Write "${name.trim()}".`,
    });
  }
}

/** Whether a key is refused. Assigned to an object, `__proto__` would set the prototype instead of a property. */
export function refuseKey(key: string, place: SourcePlace, faults: Faults): boolean {
  if (key !== '__proto__') return false;
  faults.add('OOD_UNKNOWN_KEY', place, '"__proto__" is not allowed as a name', { fix: 'Give it another name.' });
  return true;
}

/** Records a fault for every repeated entry of a list. */
export function checkDuplicates(list: ConfigNode | undefined, faults: Faults): void {
  const seen = new Set<unknown>();
  for (const item of list?.kind === 'list' ? list.items : []) {
    if (item.kind !== 'scalar') continue;
    if (seen.has(item.value)) {
      faults.add('OOD_DUPLICATE_NAME', item.place, `"${String(item.value)}" is listed twice`, {
        fix: 'Remove one.',
      });
    }
    seen.add(item.value);
  }
}
