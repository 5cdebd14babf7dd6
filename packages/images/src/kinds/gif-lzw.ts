import { unreadable } from '../refusals.ts';

/**
 * Decodes GIF's LZW until `length` pixels are there; what follows is not looked at. `bits` is the length of the first
 * codes, less one.
 *
 * Throws OOD_IMAGE_UNREADABLE where the pixels are not there, or a code is used before it has a meaning.
 * Source: GIF89a, appendix F, and Pillow 9.4, GifDecode.c, for what is an error.
 */
export function decodeLzw(bytes: Uint8Array, at: number, bits: number, length: number): Uint8Array {
  if (bits > 11) throw unreadable('damaged', `the GIF is damaged: its codes begin with ${bits + 1} bits`);
  const clear = 1 << bits;
  const codes = new BlockBits(bytes, at);
  const table = new LzwTable(bits);
  const pixels = new Uint8Array(length);
  for (let written = 0; written < length;) {
    const code = codes.read(table.codeSize);
    if (code === clear) table.clear();
    else if (code === clear + 1) throw unreadable('damaged', 'the GIF ends before its last pixel');
    else {
      const string = table.expand(code);
      pixels.set(string.subarray(0, length - written), written);
      written += string.length;
    }
  }
  return pixels;
}

const longestCode = 12;
const tableSize = 1 << longestCode;

/** What the codes of an LZW stream stand for; each code that is expanded defines the next one. */
class LzwTable {
  /** How many bits the next code has. */
  codeSize = 0;
  readonly #bits: number;
  /** The string of a code is the string of its prefix and one pixel more. */
  readonly #prefixes = new Uint16Array(tableSize);
  readonly #lasts = new Uint8Array(tableSize);
  readonly #string = new Uint8Array(tableSize + 1);
  #next = 0;
  #previous: number | undefined;
  #first = 0;

  constructor(bits: number) {
    this.#bits = bits;
    this.clear();
  }

  /** Forgets every code that was defined. */
  clear(): void {
    this.codeSize = this.#bits + 1;
    this.#next = (1 << this.#bits) + 2;
    this.#previous = undefined;
  }

  /** The string of a code, until the next call. Throws OOD_IMAGE_UNREADABLE for a code that has none. */
  expand(code: number): Uint8Array {
    const known = this.#previous === undefined ? code < 1 << this.#bits : code <= this.#next;
    if (!known) throw unreadable('damaged', 'the GIF is damaged: a code without a meaning');
    const string = this.#string.subarray(this.#unfold(code));
    if (this.#previous !== undefined && this.#next < tableSize) this.#define(this.#previous);
    this.#previous = code;
    return string;
  }

  /** Writes a string from its end; where it begins. The code that is being defined is the previous string and its first pixel. */
  #unfold(code: number): number {
    let begin = this.#string.length;
    let rest = code;
    if (code === this.#next) {
      this.#string[--begin] = this.#first;
      rest = this.#previous!;
    }
    for (; rest >= 1 << this.#bits; rest = this.#prefixes[rest]!) this.#string[--begin] = this.#lasts[rest]!;
    this.#first = rest;
    this.#string[--begin] = rest;
    return begin;
  }

  #define(prefix: number): void {
    this.#prefixes[this.#next] = prefix;
    this.#lasts[this.#next] = this.#first;
    if (this.#next === (1 << this.codeSize) - 1 && this.codeSize < longestCode) this.codeSize++;
    this.#next++;
  }
}

/** Reads numbers of a few bits, lowest bit first, from blocks that each begin with their length. */
class BlockBits {
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
