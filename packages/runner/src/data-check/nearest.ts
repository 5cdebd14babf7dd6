import { setImmediate } from 'node:timers/promises';
import { perceptualWords } from '@farout/images';

/** The nearest neighbour of each of some hashes among others. */
export interface Nearest {
  /** Its index among the others, the first of equals; −1 if none is within the bound. */
  readonly at: Int32Array;
  /** The number of bits in which they differ. */
  readonly bits: Uint8Array;
}

/** Hashes looked up before yielding to other tasks. */
const blockSize = 64;

/**
 * Finds for each hash the nearest one among others, if at most `bound` bits differ. Compares every pair; most are
 * rejected after two of their five words, so that 50,000 × 10,000 pairs take three seconds. Decoding the images takes
 * some hundred times as long.
 */
export async function nearest(
  hashes: Uint32Array,
  others: Uint32Array,
  bound: number,
  signal: AbortSignal,
): Promise<Nearest> {
  const count = hashes.length / perceptualWords;
  const found = { at: new Int32Array(count).fill(-1), bits: new Uint8Array(count) };
  for (let start = 0; start < count; start += blockSize) {
    await setImmediate();
    signal.throwIfAborted();
    for (let index = start; index < Math.min(start + blockSize, count); index++)
      lookUp(hashes.subarray(index * perceptualWords, (index + 1) * perceptualWords), others, bound, (at, bits) => {
        found.at[index] = at;
        found.bits[index] = bits;
      });
  }
  return found;
}

/** Calls `tell` for every hash that is nearer than all before it. */
function lookUp(hash: Uint32Array, others: Uint32Array, bound: number, tell: (at: number, bits: number) => void): void {
  const [first, second] = [hash[0]!, hash[1]!];
  let least = bound + 1;
  for (let start = 0; start < others.length; start += perceptualWords) {
    let bits = bitsOf(first ^ others[start]!) + bitsOf(second ^ others[start + 1]!);
    for (let word = 2; word < perceptualWords && bits < least; word++)
      bits += bitsOf(hash[word]! ^ others[start + word]!);
    if (bits >= least) continue;
    least = bits;
    tell(start / perceptualWords, bits);
  }
}

/** Number of ones in 32 bits: counted in pairs, fours and bytes, which a multiplication adds up. */
function bitsOf(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
