import { FaroutError, type RowBatch } from '@farout/core';

/** Values of one half of a float32's 32 bits. */
const halves = 1 << 16;
/** The upper half of +∞; larger ones, up to the sign bit, are NaN. */
const infinity = 0x7f80;
const negative = 0x8000;

/** Batches of activations that can be read more than once. */
type Activations = AsyncIterable<RowBatch<'features'>>;

/** How often each half occurs, indexed by its bits. */
type Histogram = Float64Array<ArrayBuffer>;

/**
 * The exact p-th percentile (0..100) of the activations of all rows pooled, as NumPy computes it by default: with n sorted values and v =
 * p/100 · (n − 1), it interpolates linearly, in float64, between the values at ⌊v⌋ and ⌊v⌋ + 1.
 *
 * Streams: two passes, memory independent of the number of rows. The first counts how often each upper half of a float32's bits occurs and
 * finds the halves of the two values; the second counts the lower halves within them.
 *
 * @throws FaroutError OOD_DETECTOR_FAILED when there are no activations, or one is NaN or infinite.
 */
export async function pooledPercentile(rows: Activations, percentile: number): Promise<number> {
  const uppers = await countUppers(rows);
  const last = uppers.reduce((sum, count) => sum + count, 0) - 1;
  if (last < 0) refuseActivations('the fit set has no activations');
  if (uppers.some((count, upper) => count > 0 && (upper & ~negative) >= infinity)) {
    refuseActivations('an activation of the fit set is NaN or infinite');
  }
  const virtual = (percentile / 100) * last;
  const lower = Math.floor(virtual);
  const [a, b] = await valuesAt(rows, uppers, [lower, Math.min(lower + 1, last)]);
  return interpolate(a, b, virtual - lower);
}

async function countUppers(rows: Activations): Promise<Histogram> {
  const counts = new Float64Array(halves);
  for await (const { features } of rows) addUppers(features.data, counts);
  return counts;
}

function addUppers(values: Float32Array, counts: Histogram): void {
  const bits = bitsOf(values);
  for (let i = 0; i < bits.length; i++) counts[bits[i]! >>> 16]!++;
}

/** The values at two ranks of the sorted activations. */
async function valuesAt(rows: Activations, uppers: Histogram, ranks: [number, number]): Promise<[number, number]> {
  const [a, b] = [locate(uppers, ranks[0], signedOrder), locate(uppers, ranks[1], signedOrder)];
  const lowers = new Map([a, b].map(({ half }) => [half, new Float64Array(halves)]));
  for await (const { features } of rows) {
    for (const [upper, counts] of lowers) addLowers(features.data, upper, counts);
  }
  const value = ({ half, rest }: Located) =>
    floatOf(half, locate(lowers.get(half)!, rest, half < negative ? ascending : descending).half);
  return [value(a), value(b)];
}

function addLowers(values: Float32Array, upper: number, counts: Histogram): void {
  const bits = bitsOf(values);
  for (let i = 0; i < bits.length; i++) if (bits[i]! >>> 16 === upper) counts[bits[i]! & 0xffff]!++;
}

interface Located {
  readonly half: number;
  readonly rest: number;
}

/** The half that holds the value of this rank (from 0), and the value's rank within that half. */
function locate(counts: Histogram, rank: number, order: (step: number) => number): Located {
  let rest = rank;
  let step = 0;
  for (; rest >= counts[order(step)]!; step++) rest -= counts[order(step)]!;
  return { half: order(step), rest };
}

const ascending = (step: number) => step;
const descending = (step: number) => halves - 1 - step;
/** Upper halves in ascending order of their floats: the negative ones first, where larger bits mean smaller values. */
const signedOrder = (step: number) => (step < negative ? descending(step) : step - negative);

const bitsOf = (values: Float32Array) => new Uint32Array(values.buffer, values.byteOffset, values.length);
const floatOf = (upper: number, lower: number) => new Float32Array(Int32Array.of((upper << 16) | lower).buffer)[0]!;

/** From a to b by the fraction t, computed from the nearer end, as NumPy does. */
export const interpolate = (a: number, b: number, t: number) => (t < 0.5 ? a + (b - a) * t : b - (b - a) * (1 - t));

/** Throws the reason why the activations have no percentile. */
export function refuseActivations(reason: string): never {
  throw new FaroutError('OOD_DETECTOR_FAILED', reason, {
    fix: 'Percentiles need finite activations; check the weights and the images of the fit set.',
  });
}
