import type { FitBatch, FitInput, FitRows } from '@farout/core';
import { sliceSample, type Sample } from './sample.ts';

/** A sample as a fit set: batches of `batchSize` images, re-readable, with what `reads` asks for and nothing else. */
export function fitRows(sample: Sample, reads: readonly FitInput[], batchSize: number): FitRows {
  const [count] = sample.features.shape;
  return {
    count,
    async *[Symbol.asyncIterator]() {
      for (let start = 0; start < count; start += batchSize) {
        const batch = await Promise.resolve(sliceSample(sample, start, start + batchSize));
        yield Object.fromEntries(reads.map((input) => [input, batch[input]])) as unknown as FitBatch;
      }
    },
  };
}
