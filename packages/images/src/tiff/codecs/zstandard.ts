import { unreadable } from '../../unreadable.ts';
import {
  BackwardBits,
  BadData,
  decodeHuffman,
  decodeHuffmanLoosely,
  type HuffmanTable,
  readHuffmanTable,
  readStateTable,
  singleState,
  type StateTable,
  stateTable,
} from './zstandard-entropy.ts';

const magic = 0xfd2fb528;
const largestBlock = 1 << 17;
/** libzstd reads no frame that needs more memory than this. */
const largestWindow = 2 ** 27;

const check = (holds: boolean): void => {
  if (!holds) throw new BadData();
};

/** Codes of lengths: the first length of each, and how many bits say how much more. Source: RFC 8878, section 3.1.1.3.2.1.1. */
const lengthCodes = (plain: number, first: number, extra: readonly number[]) => {
  const bits = [...Array<number>(plain).fill(0), ...extra];
  let base = first;
  return { bits, bases: bits.map((count) => (base += 2 ** count) - 2 ** count) };
};
const literalLengths = lengthCodes(16, 0, [1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
const matchLengths = lengthCodes(32, 3, [1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);

/** Literal lengths, offsets, match lengths: the most bits of a state, the last code, and the states where none are given. */
const kinds = [
  {
    log: 9,
    last: 35,
    usual: stateTable(
      // prettier-ignore
      [4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1],
      6,
    ),
  },
  {
    log: 8,
    last: 31,
    usual: stateTable([1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1], 5),
  },
  {
    log: 9,
    last: 52,
    usual: stateTable([1, 4, 3, 2, 2, 2, 2, 2, 2, ...Array<number>(37).fill(1), ...Array<number>(7).fill(-1)], 6),
  },
] as const;

/**
 * Decodes a Zstandard frame until the output is full. A checksum behind it is not looked at.
 *
 * Throws OOD_IMAGE_UNREADABLE for data that have no sense, that end early, or that hold less. Node has Zstandard from 22.15
 * on only. Source: RFC 8878; libtiff 4.5, tif_zstd.c, for what is an error.
 */
export function decodeZstandard(input: Uint8Array, output: Uint8Array): void {
  try {
    new Frame(input, output.length).decodeInto(output);
  } catch (cause) {
    // By name: in the contexts of jest and vitest Node's RangeError is another class than the one known here.
    if (!(cause instanceof BadData) && (cause as Error).name !== 'RangeError') throw cause;
    throw unreadable('damaged', 'the TIFF cannot be decoded: its Zstandard frame is damaged', cause);
  }
}

class Frame {
  readonly #input: Buffer;
  #at = 0;
  /** What is decoded, and how much of it there is: matches copy from it. */
  readonly #decoded: Uint8Array;
  #length = 0;
  #blockSize = 0;

  #huffman: HuffmanTable | undefined;
  readonly #tables: (StateTable | undefined)[] = [undefined, undefined, undefined];
  readonly #offsets = [1, 4, 8];

  constructor(input: Uint8Array, length: number) {
    this.#input = Buffer.from(input.buffer, input.byteOffset, input.length);
    this.#decoded = new Uint8Array(length + largestBlock);
  }

  decodeInto(output: Uint8Array): void {
    this.#readHeader();
    for (let last = false; !last && this.#length < output.length;) last = this.#decodeBlock();
    check(this.#length >= output.length);
    output.set(this.#decoded.subarray(0, output.length));
  }

  #readHeader(): void {
    check(this.#input.readUInt32LE(0) === magic);
    const flags = this.#input.readUInt8(4);
    const single = (flags & 0x20) !== 0;
    const dictionary = [0, 1, 2, 4][flags & 3]!;
    const size = [single ? 1 : 0, 2, 4, 8][flags >> 6]!;
    check((flags & 0x08) === 0);
    this.#at = 5;
    let window = 0;
    if (!single) {
      const descriptor = this.#input.readUInt8(this.#at++);
      window = 2 ** (10 + (descriptor >> 3)) * (1 + (descriptor & 7) / 8);
    }
    check(dictionary === 0 || this.#input.readUIntLE(this.#at, dictionary) === 0);
    this.#at += dictionary;
    if (single)
      window = size === 8 ? Number(this.#input.readBigUInt64LE(this.#at)) : this.#input.readUIntLE(this.#at, size);
    if (single && size === 2) window += 256;
    this.#at += size;
    check(window <= largestWindow || single);
    this.#blockSize = Math.min(largestBlock, window);
  }

  /** Whether the block was the last one. */
  #decodeBlock(): boolean {
    const head = this.#input.readUIntLE(this.#at, 3);
    const [kind, size] = [(head >> 1) & 3, head >> 3];
    const length = kind === 1 ? 1 : size;
    this.#at += 3;
    check(kind !== 3 && size <= this.#blockSize && this.#at + length <= this.#input.length);
    const content = this.#input.subarray(this.#at, this.#at + length);
    this.#at += length;
    if (kind === 0) this.#write(content);
    else if (kind === 1) {
      this.#decoded.fill(content[0]!, this.#length, this.#length + size);
      this.#length += size;
    } else this.#decodeSequences(content);
    return (head & 1) === 1;
  }

  #write(bytes: Uint8Array): void {
    this.#decoded.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #decodeSequences(block: Buffer): void {
    const [literals, literalsEnd] = this.#readLiterals(block);
    const rest = block.subarray(literalsEnd);
    const first = rest.readUInt8(0);
    let [count, at] = [first, 1];
    if (first === 255) [count, at] = [rest.readUInt16LE(1) + 0x7f00, 3];
    else if (first > 127) [count, at] = [((first - 128) << 8) + rest.readUInt8(1), 2];
    if (count === 0) {
      check(rest.length === 1);
      this.#write(literals);
      return;
    }
    const modes = rest.readUInt8(at++);
    for (let kind = 0; kind < 3; kind++) at += this.#readTable(kind, (modes >> (6 - 2 * kind)) & 3, rest.subarray(at));
    this.#run(count, new BackwardBits(rest.subarray(at)), literals);
  }

  /** Sees to the table of a kind; how many bytes that takes. */
  #readTable(kind: number, mode: number, bytes: Buffer): number {
    const { log, last, usual } = kinds[kind]!;
    if (mode === 3) {
      check(this.#tables[kind] !== undefined);
      return 0;
    }
    if (mode === 0) this.#tables[kind] = usual;
    if (mode === 1) {
      check(bytes.readUInt8(0) <= last);
      this.#tables[kind] = singleState(bytes.readUInt8(0));
      return 1;
    }
    if (mode === 0) return 0;
    const [table, length] = readStateTable(bytes, log, last);
    this.#tables[kind] = table;
    return length;
  }

  /** Runs sequences: so many literals, then a match. What is left of the literals ends the block. */
  #run(count: number, bits: BackwardBits, literals: Uint8Array): void {
    const tables = this.#tables as StateTable[];
    const states = tables.map(({ log }) => bits.read(log)) as [number, number, number];
    const begin = this.#length;
    let used = 0;
    for (let i = 0; i < count; i++) {
      const [literalCode, offsetCode, matchCode] = tables.map(
        ({ symbols }, kind) => symbols[states[kind]!]!,
      ) as typeof states;
      const value = 2 ** offsetCode + bits.read(offsetCode);
      const match = matchLengths.bases[matchCode]! + bits.read(matchLengths.bits[matchCode]!);
      const literal = literalLengths.bases[literalCode]! + bits.read(literalLengths.bits[literalCode]!);
      for (const kind of i + 1 < count ? [0, 2, 1] : []) {
        const table = tables[kind]!;
        states[kind] = table.bases[states[kind]!]! + bits.read(table.bits[states[kind]!]!);
      }
      check(used + literal <= literals.length);
      check(this.#length - begin + literal + match <= this.#blockSize);
      this.#write(literals.subarray(used, used + literal));
      used += literal;
      this.#copy(this.#offsetOf(value, literal), match);
    }
    check(bits.left <= 0 && this.#length - begin + literals.length - used <= this.#blockSize);
    this.#write(literals.subarray(used));
  }

  /** The offset of a value: one to three repeat one of the last three offsets, which then comes first. */
  #offsetOf(value: number, literal: number): number {
    const [first, second, third] = this.#offsets as [number, number, number];
    const which = value > 3 ? 3 : value - 1 + (literal === 0 ? 1 : 0);
    const offset = value > 3 ? value - 3 : [first, second, third, first - 1][which]!;
    if (which === 0) return first;
    this.#offsets.splice(0, 3, offset, first, which === 1 ? third : second);
    return offset;
  }

  #copy(offset: number, length: number): void {
    const decoded = this.#decoded;
    check(offset > 0 && offset <= this.#length);
    for (let end = this.#length + length; this.#length < end; this.#length++) {
      decoded[this.#length] = decoded[this.#length - offset]!;
    }
  }

  /** The literals of a block, and where they end in it. */
  #readLiterals(block: Buffer): [Uint8Array, number] {
    const head = block.readUInt8(0);
    const [kind, format] = [head & 3, (head >> 2) & 3];
    if (kind < 2) {
      const bytes = [1, 2, 1, 3][format]!;
      const size = block.readUIntLE(0, bytes) >> (bytes === 1 ? 3 : 4);
      const length = kind === 0 ? size : 1;
      check(size <= this.#blockSize && bytes + length <= block.length);
      const content = block.subarray(bytes, bytes + length);
      return [kind === 0 ? content : new Uint8Array(size).fill(content[0]!), bytes + length];
    }
    const bytes = [3, 3, 4, 5][format]!;
    const width = [10, 10, 14, 18][format]!;
    const sizes = Math.floor(block.readUIntLE(0, bytes) / 16);
    const [size, length] = [sizes % 2 ** width, Math.floor(sizes / 2 ** width)];
    check(size <= this.#blockSize && bytes + length <= block.length);
    let streams = block.subarray(bytes, bytes + length);
    if (kind === 2) {
      const [table, used] = readHuffmanTable(streams);
      this.#huffman = table;
      streams = streams.subarray(used);
    }
    return [this.#decodeLiterals(streams, size, format === 0 ? 1 : 4), bytes + length];
  }

  #decodeLiterals(bytes: Buffer, size: number, streams: 1 | 4): Uint8Array {
    check(this.#huffman !== undefined);
    const literals = new Uint8Array(size);
    if (streams === 1) {
      decodeHuffman(bytes, this.#huffman!, literals);
      return literals;
    }
    const part = (size + 3) >> 2;
    const data = bytes.subarray(6);
    const lengths = [0, 2, 4].map((at) => bytes.readUInt16LE(at));
    lengths.push(data.length - lengths[0]! - lengths[1]! - lengths[2]!);
    check(3 * part <= size && lengths[3]! > 0);
    const loose = lengths[0]! >= 16 && lengths.every((length) => length >= 8);
    let begin = 0;
    lengths.forEach((length, i) => {
      const end = begin + length;
      const target = literals.subarray(i * part, i < 3 ? (i + 1) * part : size);
      if (loose) decodeHuffmanLoosely(data, [begin, end], this.#huffman!, target);
      else decodeHuffman(data.subarray(begin, end), this.#huffman!, target);
      begin = end;
    });
    return literals;
  }
}
