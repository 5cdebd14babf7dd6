import type { AsyncBuffer } from 'hyparquet';
import type { Table } from './parquet-table.ts';

/** A resizable ArrayBuffer (ES2024), available since Node 20. */
interface Resizable extends ArrayBuffer {
  readonly maxByteLength: number;
  resize(length: number): void;
}

const Resizable = ArrayBuffer as unknown as new (length: number, most: { readonly maxByteLength: number }) => Resizable;

/** Shorter ranges are cheap to allocate; longer ones are not worth keeping. */
const [fewestBytes, mostBytes] = [2 ** 20, 2 ** 26];

/**
 * Memory that long ranges of files are read into, one after another. Allocating it for every row group, 11 MB of photographs, would create as
 * much garbage as the images themselves: a third more CPU time in total.
 */
export class ReusedMemory {
  #memory = new Resizable(0, { maxByteLength: 0 });
  #isOfUse = true;

  /** A file whose first long range is read into this memory, overwriting it; other ranges get their own memory. */
  bufferOf({ file, buffer }: Table): AsyncBuffer {
    let isTaken = !this.#isOfUse;
    const slice = async (start: number, end = buffer.byteLength): Promise<ArrayBuffer> => {
      const length = end - start;
      if (isTaken || length < fewestBytes || length > mostBytes) return buffer.slice(start, end);
      isTaken = true;
      const memory = this.#ofLength(length);
      await file.readInto(new Uint8Array(memory), start);
      return memory;
    };
    return { byteLength: buffer.byteLength, slice };
  }

  /**
   * Returns bytes that stay valid when this memory is reused. Bytes inside this memory, as for uncompressed images, are copied. In
   * that case reuse does not pay, and later ranges get their own memory. Bytes listed twice are copied once: rows may share a dictionary entry.
   */
  own(all: readonly (Uint8Array | undefined)[]): (Uint8Array | undefined)[] {
    const copies = new Map<Uint8Array, Uint8Array>();
    const own = all.map((bytes) => {
      if (bytes?.buffer !== this.#memory) return bytes;
      const copy = copies.get(bytes) ?? bytes.slice();
      copies.set(bytes, copy);
      return copy;
    });
    if (copies.size > 0) this.#isOfUse = false;
    return own;
  }

  /** Resizes the memory to the length of the range, because readers use the whole buffer. */
  #ofLength(length: number): ArrayBuffer {
    if (length > this.#memory.maxByteLength) this.#memory = new Resizable(length, { maxByteLength: 2 * length });
    else this.#memory.resize(length);
    return this.#memory;
  }
}
