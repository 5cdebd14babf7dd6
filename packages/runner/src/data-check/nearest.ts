import { setImmediate } from 'node:timers/promises';
import { perceptualWords } from '@farout/images';

/** For each of some hashes the nearest of others. */
export interface Nearest {
  /** Its number among the others, the first of several; −1 where none is within the bound. */
  readonly at: Int32Array;
  /** In how many bits they differ. */
  readonly bits: Uint8Array;
}

/** Hashes that are looked up before others get a turn. */
const blockSize = 64;

/**
 * Finds for each hash the nearest among others, if it differs in `bound` bits at most. Every pair is compared: most are given up after the first
 * two of their five numbers, so that 50,000 × 10,000 pairs take three seconds, and decoding the images some hundred times as long.
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

/** Tells of every hash that is nearer than those before it. */
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

/** How many of 32 bits are 1: counted in pairs, fours and bytes, which a product adds up. */
function bitsOf(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
