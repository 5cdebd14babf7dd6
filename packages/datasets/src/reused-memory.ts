import type { AsyncBuffer } from 'hyparquet';
import type { Table } from './parquet-table.ts';

/** What ES2024 calls an ArrayBuffer: Node has it since 20. */
interface Resizable extends ArrayBuffer {
  readonly maxByteLength: number;
  resize(length: number): void;
}

const Resizable = ArrayBuffer as unknown as new (length: number, most: { readonly maxByteLength: number }) => Resizable;

/** Shorter stretches are cheap in memory of their own; longer ones are not worth that it is kept. */
const [fewestBytes, mostBytes] = [2 ** 20, 2 ** 26];

/**
 * Memory that long stretches of files are read into, one after another. Taken anew for every row group, 11 MB of photographs, it is as much garbage
 * as the images themselves: a third more CPU time in all.
 */
export class ReusedMemory {
  #memory = new Resizable(0, { maxByteLength: 0 });
  #isOfUse = true;

  /** A file whose first long stretch is read into this memory, whatever lies in it, and others into their own. */
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
   * Bytes that stay as they are when this memory is used again: copied where they lie in it, as those of images that were not packed do. From then on
   * it is no longer used. What is listed twice is copied once: rows may share an entry of a dictionary.
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

  /** Readers take the whole of it for what was read: it is as long as that. */
  #ofLength(length: number): ArrayBuffer {
    if (length > this.#memory.maxByteLength) this.#memory = new Resizable(length, { maxByteLength: 2 * length });
    else this.#memory.resize(length);
    return this.#memory;
  }
}
