/** The data make no sense; the caller says of what. */
export class BadData extends Error {}

const check = (holds: boolean): void => {
  if (!holds) throw new BadData();
};
export const highestBit = (value: number): number => 31 - Math.clz32(value);

/** So many bits of little-endian bytes, up to 25; where there are no bytes, zeros. */
function bitsAt(bytes: Uint8Array, place: number, count: number): number {
  const at = place >> 3;
  const word =
    (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
  return (word >>> (place & 7)) & ((1 << count) - 1);
}

/** Reads bits from the end of the bytes, whose highest one marks where they begin. */
export class BackwardBits {
  readonly #bytes: Uint8Array;
  /** How many bits are left; below zero where more were read than there are. */
  left: number;

  constructor(bytes: Uint8Array) {
    const last = bytes.at(-1) ?? 0;
    check(last !== 0);
    this.#bytes = bytes;
    this.left = 8 * (bytes.length - 1) + highestBit(last);
  }

  /** The next `count` bits, up to 31. */
  read(count: number): number {
    if (count > 16) return this.read(count - 16) * 65536 + this.read(16);
    this.left -= count;
    if (this.left >= 0) return bitsAt(this.#bytes, this.left, count);
    const there = Math.max(0, this.left + count);
    return bitsAt(this.#bytes, 0, there) << (count - there);
  }
}

/** A finite state entropy table: what each state stands for, and how the next one is found. */
export interface StateTable {
  readonly log: number;
  readonly symbols: Uint8Array;
  readonly bits: Uint8Array;
  readonly bases: Uint16Array;
}

/** Source: RFC 8878, section 4.1.1. */
export function stateTable(counts: readonly number[], log: number): StateTable {
  const size = 1 << log;
  const symbols = new Uint8Array(size);
  const next = counts.map((count) => Math.max(1, count));
  let high = size;
  counts.forEach((count, symbol) => {
    if (count === -1) symbols[--high] = symbol;
  });
  let at = 0;
  counts.forEach((count, symbol) => {
    for (let i = 0; i < count; i++) {
      symbols[at] = symbol;
      do at = (at + (size >> 1) + (size >> 3) + 3) & (size - 1);
      while (at >= high);
    }
  });
  check(at === 0);
  const bits = new Uint8Array(size);
  const bases = new Uint16Array(size);
  symbols.forEach((symbol, state) => {
    const number = next[symbol]!++;
    bits[state] = log - highestBit(number);
    bases[state] = (number << bits[state]) - size;
  });
  return { log, symbols, bits, bases };
}

/** A table of one symbol, which takes no bits. */
export const singleState = (symbol: number): StateTable => ({
  log: 0,
  symbols: Uint8Array.of(symbol),
  bits: Uint8Array.of(0),
  bases: Uint16Array.of(0),
});

/** Reads how often each symbol stands in a table; the table, and how many bytes that took. */
export function readStateTable(bytes: Uint8Array, mostLog: number, mostSymbol: number): [StateTable, number] {
  const log = bitsAt(bytes, 0, 4) + 5;
  check(log <= mostLog);
  const counts: number[] = [];
  let place = 4;
  let left = 1 << log;
  while (left > 0) {
    check(counts.length <= mostSymbol);
    const width = highestBit(left + 1) + 1;
    const short = (1 << width) - 2 - left;
    let value = bitsAt(bytes, place, width);
    const low = value & ((1 << (width - 1)) - 1);
    if (low < short) value = low;
    else if (value >= 1 << (width - 1)) value -= short;
    place += low < short ? width - 1 : width;
    counts.push(value - 1);
    left -= Math.abs(value - 1);
    for (let more = value === 1 ? 3 : 0; more === 3; place += 2) {
      more = bitsAt(bytes, place, 2);
      for (let i = 0; i < more; i++) counts.push(0);
    }
  }
  const length = Math.ceil(place / 8);
  check(left === 0 && counts.length <= mostSymbol + 1 && length <= bytes.length);
  return [stateTable(counts, log), length];
}

/** A Huffman table: the symbol of every sequence of `log` bits, and how many of them are its own. */
export interface HuffmanTable {
  readonly log: number;
  readonly symbols: Uint8Array;
  readonly bits: Uint8Array;
}

/** Reads a Huffman table; the table, and how many bytes it took. Source: RFC 8878, section 4.2.1. */
export function readHuffmanTable(bytes: Uint8Array): [HuffmanTable, number] {
  const head = bytes[0] ?? 0;
  const length = 1 + (head < 128 ? head : (head - 126) >> 1);
  check(length <= bytes.length && head !== 0);
  const content = bytes.subarray(1, length);
  const weights =
    head < 128
      ? codedWeights(content)
      : Array.from({ length: head - 127 }, (_, i) => (i % 2 === 0 ? content[i >> 1]! >> 4 : content[i >> 1]! & 15));
  return [huffmanTable(weights), length];
}

function codedWeights(bytes: Uint8Array): number[] {
  const [table, length] = readStateTable(bytes, 6, 255);
  const bits = new BackwardBits(bytes.subarray(length));
  const states = [bits.read(table.log), bits.read(table.log)];
  const weights: number[] = [];
  for (let turn = 0; ; turn ^= 1) {
    check(weights.length < 255);
    const state = states[turn]!;
    weights.push(table.symbols[state]!);
    states[turn] = table.bases[state]! + bits.read(table.bits[state]!);
    if (bits.left < 0) return [...weights, table.symbols[states[turn ^ 1]!]!];
  }
}

/** The last weight is not written: it makes the sum a power of two. */
function huffmanTable(weights: readonly number[]): HuffmanTable {
  const sum = weights.reduce((all, weight) => all + (weight > 0 ? 2 ** (weight - 1) : 0), 0);
  check(sum > 0 && sum < 1 << 12 && weights.length < 256);
  const log = highestBit(sum) + 1;
  const rest = (1 << log) - sum;
  check((rest & (rest - 1)) === 0 && weights.every((weight) => weight <= log));
  const all = [...weights, highestBit(rest) + 1];
  const symbols = new Uint8Array(1 << log);
  const bits = new Uint8Array(1 << log);
  let at = 0;
  for (let weight = 1; weight <= log; weight++) {
    all.forEach((each, symbol) => {
      if (each !== weight) return;
      const end = at + (1 << (weight - 1));
      symbols.fill(symbol, at, end);
      bits.fill(log + 1 - weight, at, end);
      at = end;
    });
  }
  return { log, symbols, bits };
}

/** Decodes as many symbols as the output holds; the bytes must end with them. */
export function decodeHuffman(bytes: Uint8Array, { log, symbols, bits }: HuffmanTable, output: Uint8Array): void {
  let { left } = new BackwardBits(bytes);
  for (let i = 0; i < output.length; i++) {
    const there = Math.max(0, Math.min(left, log));
    const state = bitsAt(bytes, Math.max(0, left - log), there) << (log - there);
    output[i] = symbols[state]!;
    left -= bits[state]!;
  }
  check(left === 0);
}

/**
 * Decodes the `number`-th of four streams, `begin` to `end`, as libzstd's fast loop does, which does not look whether they
 * end where they should: bits may be left or have no mark; missing ones come from the streams before, and before the first
 * from its own first eight bytes. Only a stream that goes on by eight bytes while the first has not ended is an error.
 */
export function decodeHuffmanLoosely(
  bytes: Uint8Array,
  [begin, end]: readonly [number, number],
  { log, symbols, bits }: HuffmanTable,
  output: Uint8Array,
): void {
  const mark = bytes[end - 1]!;
  let left = mark === 0 ? 8 * (end - begin) : 8 * (end - begin - 1) + highestBit(mark);
  for (let i = 0; i < output.length; i++) {
    const place = 8 * begin + left;
    const from = place > 0 ? place : 64 - (-place & 63);
    const there = Math.min(from, log);
    const state = bitsAt(bytes, from - there, there) << (log - there);
    output[i] = symbols[state]!;
    left -= bits[state]!;
  }
  check(begin === 0 || left >= -64);
}
