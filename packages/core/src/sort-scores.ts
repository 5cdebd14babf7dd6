const digitBits = 11;
const digits = 1 << digitBits;

/**
 * A sorted copy of `scores`, ascending; −0 becomes +0, so that equal scores have equal bits. NaN is not refused here: it
 * ends up at one of the two ends, by its sign bit.
 *
 * Radix sort of the bits, three digits of 11 bits from the lowest up. Time and memory grow with the number of scores.
 */
export function sortScores(scores: Float32Array): Float32Array {
  const keys = orderedKeys(scores);
  const spare = new Uint32Array(keys.length);
  distribute(keys, spare, 0);
  distribute(spare, keys, digitBits);
  distribute(keys, spare, 2 * digitBits);
  return scoresOf(spare);
}

/** Bits that order as unsigned integers like their floats do: the sign bit turned, negative ones turned altogether. */
function orderedKeys(scores: Float32Array): Uint32Array {
  const keys = new Uint32Array(scores.length);
  const allBits = new Uint32Array(scores.buffer, scores.byteOffset, scores.length);
  for (let i = 0; i < keys.length; i++) {
    const bits = allBits[i] === 0x80000000 ? 0 : allBits[i]!;
    keys[i] = bits ^ ((bits >> 31) | 0x80000000);
  }
  return keys;
}

/** Turns keys back into their floats, in place. */
function scoresOf(keys: Uint32Array): Float32Array {
  for (let i = 0; i < keys.length; i++) keys[i] = keys[i]! ^ ((~keys[i]! >> 31) | 0x80000000);
  return new Float32Array(keys.buffer);
}

/** Copies `from` to `to` ordered by the digit at bit `shift`; keys with the same digit keep their order. */
function distribute(from: Uint32Array, to: Uint32Array, shift: number): void {
  const next = new Uint32Array(digits + 1);
  for (const key of from) next[((key >>> shift) & (digits - 1)) + 1]!++;
  for (let digit = 1; digit < digits; digit++) next[digit]! += next[digit - 1]!;
  for (const key of from) to[next[(key >>> shift) & (digits - 1)]!++] = key;
}
