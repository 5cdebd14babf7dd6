/** Bytes of a value of the types whose values are read: BYTE, SHORT, LONG, UNDEFINED. */
const sizes: Readonly<Record<number, 1 | 2 | 4>> = { 1: 1, 3: 2, 4: 4, 7: 1 };

interface Entry {
  readonly size: 1 | 2 | 4;
  readonly count: number;
  readonly at: number;
}

/** The entries of a TIFF's first directory whose values are whole numbers. */
export class TiffTags {
  readonly bigEndian: boolean;
  readonly #file: Buffer;
  readonly #entries = new Map<number, Entry>();

  /** Throws a RangeError where the file ends within the entries. */
  constructor(file: Buffer) {
    this.#file = file;
    this.bigEndian = file.readUInt8(0) === 0x4d;
    const directory = this.#number(4, 4);
    const count = this.#number(directory, 2);
    for (let i = 0; i < count; i++) this.#addEntry(directory + 2 + 12 * i);
  }

  /** The first values of a tag that is there. Throws a RangeError where they are not all in the file. */
  values(tag: number, most = Infinity): number[] | undefined {
    const entry = this.#entries.get(tag);
    if (!entry) return undefined;
    const length = Math.min(entry.count, most);
    if (entry.at + length * entry.size > this.#file.length) throw new RangeError(`tag ${tag} is cut off`);
    return Array.from({ length }, (_, i) => this.#number(entry.at + i * entry.size, entry.size));
  }

  /** Values of up to four bytes stand in the entry; longer ones where it points to. */
  #addEntry(at: number): void {
    const [size, count, value] = [sizes[this.#number(at + 2, 2)], this.#number(at + 4, 4), at + 8];
    const pointed = this.#number(value, 4);
    if (size) this.#entries.set(this.#number(at, 2), { size, count, at: size * count > 4 ? pointed : value });
  }

  #number(at: number, size: 1 | 2 | 4): number {
    return this.bigEndian ? this.#file.readUIntBE(at, size) : this.#file.readUIntLE(at, size);
  }
}
