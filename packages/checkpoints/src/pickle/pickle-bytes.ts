import { Refusal } from '../refusal.ts';

/** Reads the arguments of a pickle's instructions one after the other, and never past the end. */
export class PickleBytes {
  readonly #bytes: Buffer;
  #position: number;

  constructor(bytes: Uint8Array, position: number) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#position = position;
  }

  get position(): number {
    return this.#position;
  }

  uint8 = (): number => this.#bytes.readUInt8(this.#advance(1));
  uint16 = (): number => this.#bytes.readUInt16LE(this.#advance(2));
  int32 = (): number => this.#bytes.readInt32LE(this.#advance(4));
  uint32 = (): number => this.#bytes.readUInt32LE(this.#advance(4));
  /** The one number that pickles write with the high byte first. */
  float64 = (): number => this.#bytes.readDoubleBE(this.#advance(8));

  skip(length: number): void {
    this.#advance(length);
  }

  text(length: number, encoding: 'utf8' | 'latin1'): string {
    const start = this.#advance(length);
    return this.#bytes.toString(encoding, start, start + length);
  }

  /** A whole number of `length` bytes in two's complement; a bigint only when a number cannot hold it. */
  integer(length: number): number | bigint {
    const start = this.#advance(length);
    if (length === 0) return 0;
    const hexadecimal = Buffer.from(this.#bytes.subarray(start, start + length))
      .reverse()
      .toString('hex');
    const value = BigInt.asIntN(8 * length, BigInt(`0x${hexadecimal}`));
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }

  /** Text up to the next line feed, which is skipped. */
  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#position);
    const text = this.text((end === -1 ? this.#bytes.length : end) - this.#position, 'utf8');
    this.skip(1);
    return text;
  }

  #advance(length: number): number {
    const start = this.#position;
    if (start + length > this.#bytes.length) throw new Refusal(`the pickle breaks off at byte ${this.#bytes.length}`);
    this.#position = start + length;
    return start;
  }
}
