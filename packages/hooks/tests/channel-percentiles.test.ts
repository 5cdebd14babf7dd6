import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { RowStream } from '@farout/core';
import { channelPercentiles } from '../src/channel-percentiles.ts';
import { percentileBySorting } from './percentiles.ts';

const rowsOf = (width: number, ...batches: Float32Array[]): RowStream<'features'> => ({
  count: batches.reduce((sum, { length }) => sum + length / width, 0),
  async *[Symbol.asyncIterator]() {
    for (const data of batches)
      yield await Promise.resolve({ features: { data, shape: [data.length / width, width] as const } });
  },
});

describe('channelPercentiles', () => {
  it('equals the percentile of the sorted values of each channel, however they are cut into batches', async () => {
    const value = fc.oneof(fc.float({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(0, -0, 1, -1));
    const row = fc.tuple(value, value, value);
    const batches = fc
      .array(fc.array(row, { maxLength: 20 }), { minLength: 1, maxLength: 4 })
      .filter((all) => all.some(({ length }) => length > 0));
    const percentile = fc.oneof(fc.double({ min: 0, max: 100, noNaN: true }), fc.constantFrom(0, 50, 100));
    await fc.assert(
      fc.asyncProperty(batches, percentile, percentile, async (all, p, q) => {
        const found = await channelPercentiles(rowsOf(3, ...all.map((rows) => Float32Array.from(rows.flat()))), [p, q]);
        const expected = [p, q].map((each) =>
          [0, 1, 2].map(
            (channel) =>
              percentileBySorting(
                all.flat().map((one) => Math.fround(one[channel]!)),
                each,
              ) + 0,
          ),
        );
        expect(found.map((each) => Array.from(each, (found) => found + 0))).toEqual(expected);
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  it('refuses a feature that is NaN or infinite, and a set without rows', async () => {
    for (const bad of [NaN, Infinity, -Infinity])
      await expect(channelPercentiles(rowsOf(2, Float32Array.of(1, bad)), [50])).rejects.toMatchObject({
        code: 'OOD_DETECTOR_FAILED',
        message: 'an activation of the fit set is NaN or infinite',
      });
    await expect(channelPercentiles(rowsOf(2), [50])).rejects.toMatchObject({
      message: 'the fit set has no activations',
    });
  });
});
