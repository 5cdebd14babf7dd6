import { describe, expect, it } from '@jest/globals';
import type { RowStream } from '@farout/core';
import { learnLogOdds } from '../src/log-odds.ts';

/** A stream of one number an image, in batches. */
const streamOf = (...batches: readonly (readonly number[])[]): RowStream => ({
  count: batches.flat().length,
  async *[Symbol.asyncIterator]() {
    for (const batch of batches) {
      const value = { data: Float32Array.from(batch), shape: [batch.length, 1] as const };
      yield await Promise.resolve({ value });
    }
  },
});

const oddsOf = async (own: RowStream, other: RowStream) =>
  (await learnLogOdds(own, 'value', other, 'value')).odds!.data as Float64Array;

describe('learnLogOdds', () => {
  it('ends with finite numbers where nothing overlaps', async () => {
    const [a, b] = await oddsOf(streamOf([5, 6, 7]), streamOf([-1, 0], [1]));
    expect(a).toBeGreaterThan(0);
    // The regression is symmetric about the middle, 3.
    expect(a! * 3 + b!).toBeCloseTo(0, 12);
  });

  it('has the odds of the numbers alone where all values are equal', async () => {
    expect(Array.from(await oddsOf(streamOf([2, 2, 2]), streamOf([2])))).toEqual([0, expect.closeTo(Math.log(3), 12)]);
  });

  it('takes the smaller for its own where they are', async () => {
    const [a] = await oddsOf(streamOf([0, 1, 2]), streamOf([2, 3, 4]));
    expect(a).toBeLessThan(0);
  });

  it('does not depend on where the values lie, nor on how they are cut into batches', async () => {
    const [a, b] = await oddsOf(streamOf([0, 1, 2, 3]), streamOf([2, 3, 4]));
    const [far, offset] = await oddsOf(streamOf([4096, 4097], [4098, 4099]), streamOf([4098], [4099, 4100]));
    expect(far).toBeCloseTo(a!, 9);
    expect(offset).toBeCloseTo(b! - 4096 * a!, 5);
  });
});
