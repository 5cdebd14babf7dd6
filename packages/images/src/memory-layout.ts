import type { Taps } from './bilinear-taps.ts';
import type { PassMemory } from './resample-passes.ts';

/** Bytes of a page of WebAssembly's memory. */
const page = 2 ** 16;
/** Bytes of the vectors that arrays are aligned to. */
const vector = 16;
/** Bytes of a number of taps. */
const word = 4;

/** The next multiple of a vector's bytes. */
export const aligned = (bytes: number): number => Math.ceil(bytes / vector) * vector;

/** Where arrays lie in a memory, one behind the other. */
export class MemoryLayout {
  #end = 0;
  readonly #taps: { readonly array: Int32Array; readonly at: number }[] = [];

  /** The address of so many bytes. */
  next(bytes: number): number {
    const at = this.#end;
    this.#end += aligned(bytes);
    return at;
  }

  /** The addresses of starts, counts and weights, and the bytes from one row of weights to the next. */
  taps({ starts, counts, weights, stride }: Taps): readonly [number, number, number, number] {
    return [this.#next(starts), this.#next(counts), this.#next(weights), stride * word];
  }

  /** The bytes of the memory, grown to hold all, with the taps in their places. It is never made smaller. */
  fill(memory: PassMemory): Uint8Array {
    const missing = this.#end - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / page));
    for (const { array, at } of this.#taps) new Int32Array(memory.buffer).set(array, at / word);
    return new Uint8Array(memory.buffer);
  }

  #next(array: Int32Array): number {
    const at = this.next(array.byteLength);
    this.#taps.push({ array, at });
    return at;
  }
}
