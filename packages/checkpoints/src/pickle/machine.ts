import { Refusal, shown } from '../files.ts';
import type { PickleBytes } from './bytes.ts';

/** What a pickle may reach outside itself. */
export interface PickleHost {
  /** What `module.name` stands for. Throws a Refusal for all but an allow-list. */
  readonly global: (name: string) => PickleGlobal;
  /** What the id of something stored outside the pickle stands for. Throws a Refusal for what it does not know. */
  readonly persistent: (id: unknown) => unknown;
  /** Whether it takes runs of bytes, which are not read but noted by their places. No checkpoint needs them. */
  readonly takesBytes?: boolean;
}

/** A dictionary takes 200 bytes of memory and one of the file. A tensor needs one, for hooks that it does not have. */
const mostContainers = 200_000;

/**
 * The stack machine whose programs pickles are. It moves values about and calls what the host's allow-list holds,
 * nothing else. There is no recursion in it and no array grows faster than the pickle is long, so that neither nesting
 * nor huge indices cost more than their bytes.
 */
export class PickleMachine {
  readonly bytes: PickleBytes;
  readonly #host: PickleHost;
  readonly #memo = new Map<number, unknown>();
  /** The stacks below each open mark, and last the current one. */
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

  /** A new dictionary or list. */
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

  /** The value last pushed, which stays. */
  top(): unknown {
    const value = this.pop();
    this.push(value);
    return value;
  }

  mark(): void {
    this.#stacks.push([]);
  }

  /** All values since the last mark, which goes with them. */
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

  /** Keys and values in turn, into the dictionary on top. */
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

  /** Calls a global of the allow-list. */
  reduce(): void {
    const values = this.pop();
    const callable = this.pop();
    if (!(callable instanceof PickleGlobal) || !callable.call || !Array.isArray(values)) {
      throw new Refusal(`the pickle calls ${describe(callable)} with ${describe(values)}`);
    }
    this.push(callable.call(values));
  }

  /** An object made without its class being called, as Python makes most: here, only of classes that are kept by name. */
  newObject(): void {
    const values = this.pop();
    const made = this.pop();
    if (!(made instanceof OpaqueGlobal)) {
      throw new Refusal(`the pickle makes an object of ${describe(made)} with ${describe(values)}`);
    }
    this.push(new PickleObject(made.name));
  }

  /**
   * Attributes of an object: those of an array make it what it is; others are dropped, such as a state_dict's `_metadata` and whatever an
   * object kept by name holds.
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

/** Puts a value into a dictionary under a key that is text or a number and not there yet. */
export function setItem(dictionary: Map<unknown, unknown>, key: unknown, value: unknown): void {
  if (typeof key !== 'string' && typeof key !== 'number') {
    // Python takes such keys: the file is sound.
    throw new Refusal(
      `a dictionary has ${describe(key)} for a key`,
      'If you trust its source, load it with PyTorch and save only model.state_dict().',
    );
  }
  if (dictionary.has(key)) throw new Refusal(`a dictionary has the key "${shown(String(key))}" twice`);
  dictionary.set(key, value);
}

/*
 * What a pickle may hold here: null, booleans, numbers, bigints, text, tuples as arrays, lists, dictionaries as Maps,
 * globals, and what their calls return: tensors, arrays, or objects of which only the class is kept. All of it has the type unknown,
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

/** Where a run of bytes lies in the pickle. */
export class PickledBytes {
  readonly start: number;
  readonly length: number;

  constructor(start: number, length: number) {
    this.start = start;
    this.length = length;
  }
}

/** What is made first and gets its attributes afterwards, as numpy makes its arrays. */
export abstract class PickledArray {
  abstract build(attributes: unknown): void;
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
  if (value instanceof PickledBytes || value instanceof PickledArray) return 'bytes or an array';
  return 'a tensor or a storage';
}
