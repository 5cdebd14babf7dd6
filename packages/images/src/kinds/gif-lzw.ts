import { unreadable } from '../refusals.ts';

const longestCode = 12;
const tableSize = 1 << longestCode;

/** What the codes of an LZW stream stand for; each code that is expanded defines the next one. */
export class LzwTable {
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
