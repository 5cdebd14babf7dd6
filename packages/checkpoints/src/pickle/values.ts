import { shown } from '../refusal.ts';

/*
 * What a pickle may hold here: null, booleans, numbers, bigints, text, tuples as arrays, lists, dictionaries as Maps,
 * globals, and what their calls return: tensors, or objects of which only the class is kept. All of it has the type unknown,
 * so that nothing is used before it was checked.
 */

/** A list, apart from tuples, which are plain arrays and never change. */
export class PickleList {
  readonly items: unknown[] = [];
}

/** Something that a pickle may name; one without `call` is only passed on. */
export class PickleGlobal {
  readonly name: string;
  readonly call: ((values: readonly unknown[]) => unknown) | undefined;

  constructor(name: string, call?: (values: readonly unknown[]) => unknown) {
    this.name = name;
    this.call = call;
  }
}

/**
 * A value of a class that no weight is made of, such as the arguments of a training script: its class by name, and nothing
 * of what the file says that it holds.
 */
export class PickleObject {
  readonly className: string;

  constructor(className: string) {
    this.className = className;
  }
}

/** A class or function whose values are PickleObjects. */
export class OpaqueGlobal extends PickleGlobal {
  constructor(name: string) {
    super(name, () => new PickleObject(name));
  }
}

/** What a value is, for an error: `a list`, `the text "abc"`. */
export function describe(value: unknown): string {
  if (value === null) return 'None';
  if (typeof value === 'string') return `the text "${shown(value)}"`;
  if (Array.isArray(value)) return 'a tuple';
  if (value instanceof PickleList) return 'a list';
  if (value instanceof Map) return 'a dictionary';
  if (value instanceof PickleGlobal) return value.name;
  if (value instanceof PickleObject) return `a value of ${value.className}`;
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number' || typeof value === 'bigint') return `the number ${value.toString()}`;
  return 'a tensor or a storage';
}
