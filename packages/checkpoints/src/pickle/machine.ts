import { Refusal, shown } from '../files.ts';
import type { PickleBytes } from './bytes.ts';

/** What a pickle can refer to outside itself. */
export interface PickleHost {
  /** Resolves `module.name`. Throws a Refusal unless it is on an allow-list. */
  readonly global: (name: string) => PickleGlobal;
  /** Resolves the id of something stored outside the pickle. Throws a Refusal if it is unknown. */
  readonly persistent: (id: unknown) => unknown;
  /** Whether byte strings are accepted; they are not read, only their location is recorded. Checkpoints do not need them. */
  readonly takesBytes?: boolean;
}

/** A dictionary takes 200 bytes of memory but only one byte of the file. Each tensor has one, for its (empty) hooks. */
const mostContainers = 200_000;

/**
 * The stack machine that runs pickle programs. It only moves values and calls what is on the host's allow-list. It has no recursion, and no
 * array grows beyond the length of the pickle, so neither nesting nor huge indices cost more than their bytes.
 */
export class PickleMachine {
  readonly bytes: PickleBytes;
  readonly #host: PickleHost;
  readonly #memo = new Map<number, unknown>();
  /** The stacks below each open mark, followed by the current one. */
  readonly #stacks: unknown[][] = [[]];
  #containers = 0;

  constructor(bytes: PickleBytes, host: PickleHost) {
    this.bytes = bytes;
    this.#host = host;
  }

  get #stack(): unknown[] {
    return this.#stacks[this.#stacks.length - 1]!;
  }

  push(value: unknown): void {
    this.#stack.push(value);
  }

  /** Pushes a new dictionary or list. */
  pushContainer(value: Map<unknown, unknown> | PickleList): void {
    if (++this.#containers > mostContainers) {
      throw new Refusal(`the pickle has more than ${mostContainers} dictionaries and lists`);
    }
    this.push(value);
  }

  pop(): unknown {
    if (this.#stack.length === 0) throw new Refusal('the pickle uses a value that does not exist');
    return this.#stack.pop();
  }

  /** The top value, without removing it. */
  top(): unknown {
    const value = this.pop();
    this.push(value);
    return value;
  }

  mark(): void {
    this.#stacks.push([]);
  }

  /** Removes and returns all values since the last mark, including the mark. */
  popToMark(): readonly unknown[] {
    if (this.#stacks.length === 1) throw new Refusal('the pickle uses values up to a mark that does not exist');
    return this.#stacks.pop()!;
  }

  tuple(length: number): void {
    this.push(Array.from({ length }, () => this.pop()).reverse());
  }

  remember(index = this.#memo.size): void {
    this.#memo.set(index, this.top());
  }

  recall(index: number): void {
    if (!this.#memo.has(index)) throw new Refusal(`the pickle recalls value ${index}, which it never stored`);
    this.push(this.#memo.get(index));
  }

  append(items: readonly unknown[]): void {
    const list = this.top();
    if (!(list instanceof PickleList)) throw new Refusal(`the pickle appends to ${describe(list)}`);
    for (const item of items) list.items.push(item);
  }

  /** Adds alternating keys and values to the dictionary on top. */
  setItems(items: readonly unknown[]): void {
    const dictionary = this.top();
    if (!(dictionary instanceof Map)) throw new Refusal(`the pickle sets keys of ${describe(dictionary)}`);
    if (items.length % 2 !== 0) throw new Refusal('the pickle sets a key without a value');
    for (let i = 0; i < items.length; i += 2) setItem(dictionary, items[i], items[i + 1]);
  }

  global(module: unknown, name: unknown): void {
    if (typeof module !== 'string' || typeof name !== 'string') {
      throw new Refusal(`the pickle names a global by ${describe(module)} and ${describe(name)}`);
    }
    this.push(this.#host.global(`${module}.${name}`));
  }

  /** Calls a global on the allow-list. */
  reduce(): void {
    const values = this.pop();
    const callable = this.pop();
    if (!(callable instanceof PickleGlobal) || !callable.call || !Array.isArray(values)) {
      throw new Refusal(`the pickle calls ${describe(callable)} with ${describe(values)}`);
    }
    this.push(callable.call(values));
  }

  /** Creates an object without calling its class, as Python does for most; here only for classes that are kept by name. */
  newObject(): void {
    const values = this.pop();
    const made = this.pop();
    if (!(made instanceof OpaqueGlobal)) {
      throw new Refusal(`the pickle makes an object of ${describe(made)} with ${describe(values)}`);
    }
    this.push(new PickleObject(made.name));
  }

  /**
   * Sets attributes of an object. Those of an array define it; others are dropped, such as a state_dict's `_metadata` and the attributes of
   * objects kept by name.
   */
  setAttributes(): void {
    const attributes = this.pop();
    const object = this.top();
    if (object instanceof PickledArray) object.build(attributes);
    else if (object instanceof Map || object instanceof PickleObject) return;
    else throw new Refusal(`the pickle sets attributes of ${describe(object)}`);
  }

  persistent(): void {
    this.push(this.#host.persistent(this.pop()));
  }
}

/** Adds a value to a dictionary under a new key, which must be text or a number. */
export function setItem(dictionary: Map<unknown, unknown>, key: unknown, value: unknown): void {
  if (typeof key !== 'string' && typeof key !== 'number') {
    // Python allows such keys, so the file is not damaged.
    throw new Refusal(
      `a dictionary has ${describe(key)} for a key`,
      'If you trust its source, load it with PyTorch and save only model.state_dict().',
    );
  }
  if (dictionary.has(key)) throw new Refusal(`a dictionary has the key "${shown(String(key))}" twice`);
  dictionary.set(key, value);
}

/*
 * The values of a pickle: null, booleans, numbers, bigints, text, tuples as arrays, lists, dictionaries as Maps, globals, and the results
 * of their calls: tensors, arrays, or objects of which only the class is kept. All have the type unknown, so that nothing is used before it
 * is checked.
 */

/** A list; tuples, in contrast, are plain arrays and never change. */
export class PickleList {
  readonly items: unknown[] = [];
}

/** Something that a pickle can name; one without `call` can only be passed around. */
export class PickleGlobal {
  readonly name: string;
  readonly call: ((values: readonly unknown[]) => unknown) | undefined;

  constructor(name: string, call?: (values: readonly unknown[]) => unknown) {
    this.name = name;
    this.call = call;
  }
}

/**
 * A value of a class that weights do not need, such as the arguments of a training script: only the name of its class is kept, none of its
 * content.
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

/** The location of a byte string in the pickle. */
export class PickledBytes {
  readonly start: number;
  readonly length: number;

  constructor(start: number, length: number) {
    this.start = start;
    this.length = length;
  }
}

/** An object that is created first and gets its attributes afterwards, like numpy's arrays. */
export abstract class PickledArray {
  abstract build(attributes: unknown): void;
}

/** Describes a value for an error: `a list`, `the text "abc"`. */
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
  if (value instanceof PickledBytes || value instanceof PickledArray) return 'bytes or an array';
  return 'a tensor or a storage';
}
