import { learnsFrom, type Learnt, type RowStream } from '@farout/core';

/** A correct fit: the mean of all activations, as a scalar "mean". */
export const meanOfFeatures = learnsFrom(['features'], async (rows) => meanOf(await sumsOf(rows)));

/** Sum and number of the activations of each batch. */
export async function sumsOf(rows: RowStream<'features'>): Promise<{ sum: number; count: number }[]> {
  const sums = [];
  for await (const { features } of rows) {
    sums.push({ sum: features.data.reduce((a, b) => a + b, 0), count: features.data.length });
  }
  return sums;
}

/** The mean over batches as what a part learns. */
export function meanOf(sums: readonly { sum: number; count: number }[]): Learnt {
  const total = sums.reduce((a, b) => ({ sum: a.sum + b.sum, count: a.count + b.count }));
  return { mean: { data: Float64Array.of(total.sum / total.count), shape: [] } };
}
