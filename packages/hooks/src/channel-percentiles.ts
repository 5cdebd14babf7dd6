import type { RowStream } from '@farout/core';
import { interpolate, refuseActivations } from './pooled-percentile.ts';

/** Values of a byte. */
const bytes = 256;

/**
 * The exact p-th percentiles (0..100) of each channel of the features over all rows, as NumPy and PyTorch compute them by default, float64
 * (D) for each p: with n sorted values and v = p/100 · (n − 1), it interpolates linearly between the values at ⌊v⌋ and ⌊v⌋ + 1.
 *
 * Streams: four passes, memory independent of the number of rows, 2 KB per channel and percentile. Each pass finds one more byte of the
 * values, from the highest byte to the lowest.
 *
 * @throws FaroutError OOD_DETECTOR_FAILED when there are no rows, or a feature is NaN or infinite.
 */
export async function channelPercentiles(
  rows: RowStream<'features'>,
  percentiles: readonly number[],
): Promise<Float64Array[]> {
  const last = rows.count - 1;
  if (last < 0) refuseActivations('the fit set has no activations');
  const virtual = percentiles.map((p) => (p / 100) * last);
  const ranks = virtual.flatMap((v) => [Math.floor(v), Math.min(Math.floor(v) + 1, last)]);
  const found = await valuesAt(rows, ranks);
  return virtual.map((v, i) => {
    const [lower, upper] = [found[2 * i]!, found[2 * i + 1]!];
    return Float64Array.from(lower, (a, channel) => interpolate(a, upper[channel]!, v - Math.floor(v)));
  });
}

/** The value of a given rank in each channel; `key` holds the bytes found so far. */
interface Sought {
  readonly key: Uint32Array;
  /** The rank among the values that start with the same bytes. */
  readonly rank: Float64Array;
}

async function valuesAt(rows: RowStream<'features'>, ranks: readonly number[]): Promise<Float64Array[]> {
  let sought: readonly Sought[] = [];
  for (let shift = 24; shift >= 0; shift -= 8) {
    let counts: readonly Uint32Array[] = [];
    for await (const { features } of rows) {
      const width = features.shape[1];
      if (sought.length === 0)
        sought = ranks.map((rank) => ({ key: new Uint32Array(width), rank: new Float64Array(width).fill(rank) }));
      if (counts.length === 0) counts = ranks.map(() => new Uint32Array(width * bytes));
      const keys = keysOf(features.data);
      sought.forEach(({ key }, i) => {
        countBytes(keys, key, shift, counts[i]!);
      });
    }
    sought.forEach((each, i) => {
      goOn(each, shift, counts[i]!);
    });
  }
  return sought.map(({ key }) => Float64Array.from(key, valueOf));
}

/** Counts the byte at `shift` over the keys whose higher bytes match those found. */
function countBytes(keys: Uint32Array, found: Uint32Array, shift: number, counts: Uint32Array): void {
  const width = found.length;
  // Shifting by 32 does nothing in JavaScript, so the higher bytes are compared with two shifts.
  for (let i = 0, channel = 0; i < keys.length; i++) {
    if (((keys[i]! ^ found[channel]!) >>> shift) >>> 8 === 0)
      counts[channel * bytes + ((keys[i]! >>> shift) & (bytes - 1))]!++;
    if (++channel === width) channel = 0;
  }
}

/** Finds the byte at `shift` of each channel. */
function goOn({ key, rank }: Sought, shift: number, counts: Uint32Array): void {
  for (let channel = 0; channel < key.length; channel++) {
    let byte = 0;
    while (rank[channel]! >= counts[channel * bytes + byte]!) rank[channel]! -= counts[channel * bytes + byte++]!;
    key[channel]! |= byte << shift;
  }
}

const negative = 0x80000000;

/** Integers in the order of the values: the bits of a float32, all inverted if it is negative, otherwise only the sign bit. */
function keysOf(values: Float32Array): Uint32Array {
  const keys = new Uint32Array(values.length);
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < keys.length; i++) {
    if (!Number.isFinite(values[i])) refuseActivations('an activation of the fit set is NaN or infinite');
    keys[i] = bits[i]! >= negative ? ~bits[i]! : bits[i]! ^ negative;
  }
  return keys;
}

const valueOf = (key: number): number =>
  new Float32Array(Uint32Array.of(key >= negative ? key ^ negative : ~key).buffer)[0]!;
