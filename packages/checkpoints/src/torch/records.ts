import type { NDArray } from '@farout/core';
import { Refusal } from '../files.ts';
import { describe, PickleList } from '../pickle/machine.ts';

/** A checkpoint whose pickle has been read, but not its storages. */
export interface OpenedCheckpoint {
  /** The pickled object; in a valid checkpoint, a dictionary of tensors. */
  readonly root: unknown;
  /** Reads the bytes of a storage into a new buffer. Throws a Refusal when they are not as described. */
  readonly load: (storage: StorageRecord) => Promise<ArrayBuffer>;
}

/** The maximum size of a description of tensors (pickle or header), in bytes. ResNet-50's has 34 kB, a hundred bytes per tensor. */
export const largestDescription = 2 ** 22;

/** A tensor as described in a checkpoint: a view of a storage. Element (i, j, …) is at offset + i · s₀ + j · s₁ + … */
export class TensorRecord {
  readonly storage: StorageRecord;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];

  /** @throws Refusal when the values have the wrong type, or the view extends past the storage's end. */
  constructor(storage: unknown, offset: unknown, shape: unknown, strides: unknown) {
    if (!(storage instanceof StorageRecord)) throw new Refusal(`a tensor has ${describe(storage)} for its storage`);
    this.storage = storage;
    this.offset = wholeNumber(offset);
    this.shape = wholeNumbers(shape);
    this.strides = wholeNumbers(strides);
    if (this.shape.length !== this.strides.length) {
      throw new Refusal(`a tensor has ${this.shape.length} axes and ${this.strides.length} strides`);
    }
    const end = this.#end();
    if (end > storage.length) {
      const window = `shape (${this.shape.join(', ')}), offset ${this.offset}`;
      throw new Refusal(`a tensor of ${window} reaches element ${end} of a storage of ${storage.length}`);
    }
  }

  /** The number of elements. */
  get length(): number {
    return this.shape.includes(0) ? 0 : this.shape.reduce((product, size) => product * size, 1);
  }

  /** Whether its elements are contiguous in row-major order, so that no copy is needed. */
  get contiguous(): boolean {
    if (this.length === 0) return true;
    let expected = 1;
    for (let axis = this.shape.length - 1; axis >= 0; axis--) {
      if (this.shape[axis] !== 1 && this.strides[axis] !== expected) return false;
      expected *= this.shape[axis]!;
    }
    return true;
  }

  /** The size in the file of the elements that `array` copies. */
  get copiedBytes(): number {
    return this.contiguous ? 0 : this.length * this.storage.type.size;
  }

  /** The tensor in row-major order, from its storage's elements: a view of them if possible. */
  array(elements: Elements): NDArray {
    const data = this.contiguous ? elements.subarray(this.offset, this.offset + this.length) : this.#gather(elements);
    return { data, shape: this.shape };
  }

  #gather(elements: Elements): Elements {
    const gathered = elements instanceof Float32Array ? new Float32Array(this.length) : new BigInt64Array(this.length);
    const index = this.shape.map(() => 0);
    let from = this.offset;
    for (let to = 0; to < gathered.length; to++) {
      gathered[to] = elements[from]!;
      for (let axis = index.length - 1; axis >= 0; axis--) {
        from += this.strides[axis]!;
        index[axis]!++;
        if (index[axis]! < this.shape[axis]!) break;
        from -= this.strides[axis]! * this.shape[axis]!;
        index[axis] = 0;
      }
    }
    return gathered;
  }

  /** The end of the view. No sum here can overflow: doubles lose digits only far beyond any storage size. */
  #end(): number {
    if (this.length === 0) return this.offset;
    return this.shape.reduce((end, size, axis) => end + (size - 1) * this.strides[axis]!, this.offset) + 1;
  }
}

/** A convolution's weights have at most 5. */
const mostAxes = 16;

function wholeNumbers(values: unknown): readonly number[] {
  const items: unknown = values instanceof PickleList ? values.items : values;
  if (!Array.isArray(items)) throw new Refusal(`a tensor has ${describe(values)} for its shape or strides`);
  if (items.length > mostAxes) throw new Refusal(`a tensor has ${items.length} axes`);
  return items.map(wholeNumber);
}

function wholeNumber(value: unknown): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) {
    throw new Refusal(`a tensor has ${describe(value)} for a size, a stride or an offset`);
  }
  return value as number;
}

/** A sequence of elements stored elsewhere in the checkpoint under a key. Several tensors may share one. */
export class StorageRecord {
  readonly key: string;
  readonly type: ElementType;
  /** The number of elements. */
  readonly length: number;

  constructor(key: string, type: ElementType, length: number) {
    this.key = key;
    this.type = type;
    this.length = length;
  }

  /** Its size in the file, in bytes. */
  get bytes(): number {
    return this.length * this.type.size;
  }
}

/** The decoded elements of a tensor: float32, or int64 for BatchNorm's num_batches_tracked. */
export type Elements = Float32Array | BigInt64Array;

/** An element type of a file. */
export interface ElementType {
  /** PyTorch's name. */
  readonly name: string;
  /** Bytes of one element in the file. */
  readonly size: number;
  /** Decodes the elements from a buffer of their own; absent for types that are known only by name and size. */
  readonly decode?: (bytes: ArrayBuffer) => Elements;
}

/** Converts the bits of a 16-bit number to the bits of the equal float32. */
type Widened = (bits: number) => number;

/**
 * float16 (IEEE 754 binary16: 1 sign, 5 exponent and 10 fraction bits) as the bits of the equal float32. Every number is converted exactly,
 * including subnormal ones. A NaN becomes a quiet NaN with the same fraction, as in PyTorch's `.float()`.
 */
const float16: Widened = (bits) => {
  const sign = (bits & 0x8000) << 16;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f800000 | (fraction && 0x400000 | (fraction << 13));
  if (exponent > 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  return sign | subnormal(fraction);
};

/** fraction · 2⁻²⁴, which is a normal number in float32. */
function subnormal(fraction: number): number {
  return new Int32Array(Float32Array.of(fraction * 2 ** -24).buffer)[0]!;
}

/** bfloat16: the upper half of a float32. */
const bfloat16: Widened = (bits) => bits << 16;

/**
 * The element types of PyTorch. Weights always become float32: float16 and bfloat16 are widened exactly, float64 is rounded to the nearest
 * (ties to even; beyond float32's range to infinity), as in PyTorch's `.float()`.
 */
export const elementTypes = {
  float32: { name: 'float32', size: 4, decode: (bytes) => new Float32Array(bytes) },
  float16: { name: 'float16', size: 2, decode: widening(float16) },
  bfloat16: { name: 'bfloat16', size: 2, decode: widening(bfloat16) },
  float64: { name: 'float64', size: 8, decode: (bytes) => new Float32Array(new Float64Array(bytes)) },
  int64: { name: 'int64', size: 8, decode: (bytes) => new BigInt64Array(bytes) },
  int32: { name: 'int32', size: 4 },
  int16: { name: 'int16', size: 2 },
  int8: { name: 'int8', size: 1 },
  uint8: { name: 'uint8', size: 1 },
  bool: { name: 'bool', size: 1 },
  complex64: { name: 'complex64', size: 8 },
  complex128: { name: 'complex128', size: 16 },
} as const satisfies Record<string, ElementType>;

/** Decodes 16-bit numbers to the equal float32 numbers. */
function widening(widened: Widened): (bytes: ArrayBuffer) => Float32Array {
  let bitsOf: Int32Array | undefined;
  return (bytes) => {
    bitsOf ??= Int32Array.from({ length: 2 ** 16 }, (_, bits) => widened(bits));
    const narrow = new Uint16Array(bytes);
    const wide = new Int32Array(narrow.length);
    for (let i = 0; i < narrow.length; i++) wide[i] = bitsOf[narrow[i]!]!;
    return new Float32Array(wide.buffer);
  };
}
