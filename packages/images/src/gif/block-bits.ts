import { unreadable } from '../refusals.ts';

/** Reads numbers of a few bits, lowest bit first, from blocks that each begin with their length. */
export class BlockBits {
  readonly #bytes: Uint8Array;
  #at: number;
  /** Bytes of the block that are not read yet. */
  #left = 0;
  #bits = 0;
  #count = 0;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** The next `size` bits. Throws OOD_IMAGE_UNREADABLE where the blocks end; a block that the file cuts is not begun. */
  read(size: number): number {
    while (this.#count < size) {
      while (this.#left === 0) this.#beginBlock();
      this.#bits |= this.#bytes[this.#at++]! << this.#count;
      this.#count += 8;
      this.#left--;
    }
    const value = this.#bits & ((1 << size) - 1);
    this.#bits >>>= size;
    this.#count -= size;
    return value;
  }

  #beginBlock(): void {
    const length = this.#bytes[this.#at++];
    if (length === undefined || this.#at + length > this.#bytes.length) {
      throw unreadable('damaged', 'the GIF ends early');
    }
    this.#left = length;
  }
}
