import type { FitBatch, FitInput } from '@farout/core';
import { describe, expect, it } from '@jest/globals';
import { fitRows, rowsOf, sampleOf } from '../src/sample.ts';

const head = { weight: rowsOf([[10, 1]]), bias: { data: Float32Array.of(0.5), shape: [1] as const } };
const sample = sampleOf(
  rowsOf([
    [1, 2],
    [3, 4],
    [5, 6],
  ]),
  head,
  Int32Array.of(7, 8, 9),
);

async function batchesOf(reads: readonly FitInput[], batchSize: number): Promise<FitBatch[]> {
  const batches = [];
  for await (const batch of fitRows(sample, reads, batchSize)) batches.push(batch);
  return batches;
}

describe('fitRows', () => {
  it('cuts features, logits and labels into batches, the last one shorter', async () => {
    expect(await batchesOf(['features', 'logits', 'labels'], 2)).toEqual([
      {
        features: rowsOf([
          [1, 2],
          [3, 4],
        ]),
        logits: rowsOf([[12.5], [34.5]]),
        labels: Int32Array.of(7, 8),
      },
      { features: rowsOf([[5, 6]]), logits: rowsOf([[56.5]]), labels: Int32Array.of(9) },
    ]);
  });

  it('gives what the part reads and nothing else', async () => {
    const [batch] = await batchesOf(['labels'], 3);
    expect(Object.keys(batch!)).toEqual(['labels']);
  });

  it('can be read again', async () => {
    const rows = fitRows(sample, ['features'], 2);
    const counts = [];
    for (let pass = 0; pass < 2; pass++) for await (const { features } of rows) counts.push(features.shape[0]);
    expect([rows.count, counts]).toEqual([3, [2, 1, 2, 1]]);
  });
});
