import type { RowBatch } from '@farout/core';
import { describe, expect, it } from '@jest/globals';
import { rowsOf } from '../src/sample.ts';
import { inBatches, repeated, watchedBatches, writeOver } from '../src/streams.ts';

const three = [
  [1, 2],
  [3, 4],
  [5, 6],
];
const rows = {
  features: rowsOf(three),
  labels: Int32Array.of(7, 8, 9),
};

async function all(stream: AsyncIterable<RowBatch>): Promise<RowBatch[]> {
  const batches = [];
  for await (const batch of stream) batches.push(batch);
  return batches;
}

const cut = [
  {
    features: rowsOf([
      [1, 2],
      [3, 4],
    ]),
    labels: Int32Array.of(7, 8),
  },
  { features: rowsOf([[5, 6]]), labels: Int32Array.of(9) },
];

describe('inBatches', () => {
  it('cuts rows and labels into batches, the last one shorter, and holds nothing else', async () => {
    expect(await all(inBatches(2)(rows, 3))).toEqual(cut);
  });

  it('can be read again, whatever a reader wrote to what it got', async () => {
    const stream = inBatches(2)(rows, 3);
    for (const batch of await all(stream)) writeOver(batch);
    expect([stream.count, await all(stream)]).toEqual([3, cut]);
  });
});

describe('watchedBatches', () => {
  it('hands a batch back when the next one is asked for, and beside it what it was', async () => {
    const spent: RowBatch[] = [];
    const stream = watchedBatches(2, (batch, original) => spent.push(batch, original))(rows, 3);
    const [first, second] = await all(stream);
    expect(spent).toEqual([cut[0], cut[0], cut[1], cut[1]]);
    expect([spent[0], spent[2]]).toEqual([first, second]);
    expect(spent[0]).toBe(first);
  });
});

describe('repeated', () => {
  it('gives the whole over and over, and says when a pass ends', async () => {
    let ends = 0;
    const stream = repeated(2, 3, () => {
      ends++;
    })(rows, 3);
    const twice = {
      features: rowsOf([...three, ...three]),
      labels: Int32Array.of(7, 8, 9, 7, 8, 9),
    };
    expect([stream.count, await all(stream), ends]).toEqual([18, [twice, twice, twice], 1]);
  });
});

describe('writeOver', () => {
  it('leaves no number as it was', async () => {
    const [batch] = await all(inBatches(3)(rows, 3));
    writeOver(batch!);
    expect(batch).toEqual({
      features: { data: new Float32Array(6).fill(NaN), shape: [3, 2] },
      labels: new Int32Array(3),
    });
  });
});
