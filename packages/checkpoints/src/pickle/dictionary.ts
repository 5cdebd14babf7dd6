import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { FaroutError } from '@farout/core';
import { Refusal, withSource } from '../files.ts';
import type { PickleSource } from './bytes.ts';
import { describe, PickledArray, PickledBytes, PickleGlobal, PickleList, type PickleHost } from './machine.ts';
import { unpickle } from './unpickle.ts';

/** An array of bytes in row-major order that stays in the file. */
export interface PickledPlace {
  readonly shape: readonly number[];
  /** The first byte of its elements. */
  readonly start: number;
}

/** A value in a pickled dictionary of data. */
export type PickledValue = number | string | readonly (number | string)[] | PickledPlace;

/**
 * Reads a dictionary from a pickle of Python 2 or 3 with numbers, texts, lists of either, and numpy arrays of uint8, such as CIFAR's
 * batches. Nothing in it is executed. Arrays are not read; their location is returned. Other values are omitted.
 *
 * @throws FaroutError OOD_MISSING_FILE, or OOD_ARRAY_INVALID when the file is damaged, contains something else, or requests code execution.
 */
export function readPickledDictionary(path: string): ReadonlyMap<string, PickledValue> {
  const file = opened(path);
  try {
    const { value } = unpickle(windowOf(file), 0, arraysHost);
    if (!(value instanceof Map)) throw new Refusal(`the pickle holds ${describe(value)}, expected a dictionary`);
    return new Map([...(value as Map<unknown, unknown>)].flatMap(([key, each]) => entryOf(String(key), each)));
  } catch (error) {
    throw withSource(error, 'OOD_ARRAY_INVALID', path);
  } finally {
    closeSync(file);
  }
}

function opened(path: string): number {
  try {
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (fstatSync(file).isFile()) return file;
    closeSync(file);
  } catch (cause) {
    throw new FaroutError('OOD_MISSING_FILE', `${path} cannot be opened`, {
      fix: 'Name a file that exists and is readable.',
      cause,
    });
  }
  throw new FaroutError('OOD_MISSING_FILE', `${path} is not a file`, {
    fix: 'Name a file that exists and is readable.',
  });
}

/** The part of a file in memory at a time, and the longest text in it. */
const windowBytes = 2 ** 16;

function windowOf(file: number): PickleSource {
  const { size } = fstatSync(file);
  const held = Buffer.alloc(windowBytes);
  let [from, to] = [0, 0];
  return {
    length: size,
    bytes: (start, length) => {
      if (length > windowBytes) throw new Refusal(`the pickle has a text of ${length} bytes`);
      if (start < from || start + length > to) {
        from = start;
        to = start + readSync(file, held, 0, windowBytes, start);
        if (start + length > to) throw new Refusal('the file became shorter while it was read');
      }
      return held.subarray(start - from, start - from + length);
    },
  };
}

function entryOf(key: string, value: unknown): [string, PickledValue][] {
  const isPlain = (each: unknown): each is number | string => typeof each === 'number' || typeof each === 'string';
  if (isPlain(value)) return [[key, value]];
  if (value instanceof PickleList && value.items.every(isPlain)) return [[key, value.items]];
  if (value instanceof ByteArray) return [[key, value.place()]];
  return [];
}

/** numpy's type of an element. Its other property, the byte order, does not matter for single bytes. */
class ElementName extends PickledArray {
  readonly name: unknown;

  constructor(name: unknown) {
    super();
    this.name = name;
  }

  build(): void {
    // Not needed.
  }
}

/** A numpy array, complete once it has its attributes. */
class ByteArray extends PickledArray {
  #place: PickledPlace | undefined;

  /** Version, shape, type, whether the first axis runs fastest, elements. */
  override build(attributes: unknown): void {
    const [, shape, type, fortranOrder, bytes] = Array.isArray(attributes) ? (attributes as unknown[]) : [];
    this.fill(shape, type, fortranOrder, bytes);
  }

  fill(shape: unknown, type: unknown, fortranOrder: unknown, bytes: unknown): void {
    if (!(type instanceof ElementName) || type.name !== 'u1') {
      throw new Refusal(
        `an array has elements of ${describe(type instanceof ElementName ? type.name : type)}, expected uint8`,
      );
    }
    if (fortranOrder !== false) throw new Refusal('an array is in Fortran order', 'Save it in row-major order.');
    const isShape = Array.isArray(shape) && shape.every((size) => Number.isSafeInteger(size) && (size as number) >= 0);
    if (!isShape || !(bytes instanceof PickledBytes)) throw new Refusal('an array has no shape or no bytes');
    const sizes = shape as number[];
    const length = sizes.reduce((product, size) => product * size, 1);
    if (length !== bytes.length)
      throw new Refusal(`an array of the shape (${sizes.join(', ')}) has ${bytes.length} bytes`);
    this.#place = { shape: sizes, start: bytes.start };
  }

  place(): PickledPlace {
    if (!this.#place) throw new Refusal('an array has no attributes');
    return this.#place;
  }
}

/** Python's names for numpy's modules before and since 2.0. */
const modules = ['numpy.core', 'numpy._core'];

const globals = new Map<string, PickleGlobal>([
  ['numpy.ndarray', new PickleGlobal('numpy.ndarray')],
  ['numpy.dtype', new PickleGlobal('numpy.dtype', ([name]) => new ElementName(name))],
  ...modules.flatMap((module): [string, PickleGlobal][] => [
    [`${module}.multiarray._reconstruct`, new PickleGlobal('numpy._reconstruct', () => new ByteArray())],
    [`${module}.numeric._frombuffer`, new PickleGlobal('numpy._frombuffer', fromBuffer)],
  ]),
]);

/** Protocol 5 creates an array from bytes, type, shape and order. */
function fromBuffer([bytes, type, shape, order]: readonly unknown[]): ByteArray {
  const array = new ByteArray();
  array.fill(shape, type, order !== 'C', bytes);
  return array;
}

const arraysHost: PickleHost = {
  takesBytes: true,
  global: (name) => {
    const found = globals.get(name);
    if (found) return found;
    throw new Refusal(
      `the pickle refers to ${name}, which data does not need and which is never run`,
      name === '_codecs.encode'
        ? "Use the publisher's own file, or write it with a later protocol: pickle.dump(batch, file, protocol=4)."
        : "Use the publisher's own file.",
    );
  },
  persistent: (id) => {
    throw new Refusal(`the pickle refers to ${describe(id)} outside itself`);
  },
};
