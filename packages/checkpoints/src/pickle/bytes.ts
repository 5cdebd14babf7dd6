import { Refusal } from '../files.ts';

/** The source of a pickle's bytes: memory, or a file of which a window is in memory. */
export interface PickleSource {
  readonly length: number;
  /** Bytes within the source; valid until the next call. */
  readonly bytes: (start: number, length: number) => Buffer;
}

/** The longest name of a module or of something in it. */
const longestLine = 1024;

/** Reads the arguments of a pickle's instructions in sequence, never past the end. */
export class PickleBytes {
  readonly #source: PickleSource;
  #position: number;

  constructor(bytes: Uint8Array | PickleSource, position: number) {
    this.#source = bytes instanceof Uint8Array ? inMemory(bytes) : bytes;
    this.#position = position;
  }

  get position(): number {
    return this.#position;
  }

  uint8 = (): number => this.#take(1).readUInt8();
  uint16 = (): number => this.#take(2).readUInt16LE();
  int32 = (): number => this.#take(4).readInt32LE();
  uint32 = (): number => this.#take(4).readUInt32LE();
  /** Values beyond the exact range of a number are rounded, but they exceed every file size anyway. */
  uint64 = (): number => Number(this.#take(8).readBigUInt64LE());
  /** The only big-endian number in pickles. */
  float64 = (): number => this.#take(8).readDoubleBE();

  skip(length: number): void {
    this.#advance(length);
  }

  text(length: number, encoding: 'utf8' | 'latin1'): string {
    return this.#take(length).toString(encoding);
  }

  /** An integer of `length` bytes in two's complement; a bigint only if a number cannot hold it. */
  integer(length: number): number | bigint {
    const bytes = Buffer.from(this.#take(length));
    if (length === 0) return 0;
    const value = BigInt.asIntN(8 * length, BigInt(`0x${bytes.reverse().toString('hex')}`));
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }

  /** Text up to the next line feed, which is skipped. */
  line(): string {
    const rest = this.#source.length - this.#position;
    const end = this.#source.bytes(this.#position, Math.min(longestLine, rest)).indexOf(0x0a);
    if (end === -1 && rest > longestLine) throw new Refusal(`the pickle has a name of more than ${longestLine} bytes`);
    const text = this.text(end === -1 ? rest : end, 'utf8');
    this.skip(1);
    return text;
  }

  #take(length: number): Buffer {
    const start = this.#advance(length);
    return this.#source.bytes(start, length);
  }

  #advance(length: number): number {
    const start = this.#position;
    if (!(start + length <= this.#source.length))
      throw new Refusal(`the pickle is truncated at byte ${this.#source.length}`);
    this.#position = start + length;
    return start;
  }
}

function inMemory(bytes: Uint8Array): PickleSource {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { length: buffer.length, bytes: (start, length) => buffer.subarray(start, start + length) };
}
