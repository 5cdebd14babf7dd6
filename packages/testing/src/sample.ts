import type { FitBatch, FitInput, FitRows, Rows } from '@farout/core';

/** The last linear layer as numbers: weight (K, D), bias (K). */
export interface HeadArrays {
  readonly weight: Rows;
  readonly bias: { readonly data: Float32Array; readonly shape: readonly [classes: number] };
}

/** What a network makes of some images: features (N, D), its head, the logits (N, K), and the images' classes. */
export interface Sample {
  readonly features: Rows;
  readonly head: HeadArrays;
  readonly logits: Rows;
  readonly labels: Int32Array;
}

/** The sample that these features give; its logits are features · weightᵀ + bias, summed in float64. */
export function sampleOf(features: Rows, head: HeadArrays, labels: Int32Array): Sample {
  const [count, width] = features.shape;
  const classes = head.bias.data.length;
  const logits = new Float32Array(count * classes);
  for (let n = 0; n < count; n++) {
    for (let k = 0; k < classes; k++) {
      let sum = head.bias.data[k]!;
      for (let d = 0; d < width; d++) sum += features.data[n * width + d]! * head.weight.data[k * width + d]!;
      logits[n * classes + k] = sum;
    }
  }
  return { features, head, logits: { data: logits, shape: [count, classes] }, labels };
}

/** Rows start..end of a block, copied. */
const sliceRows = ({ data, shape: [, width] }: Rows, start: number, end: number): Rows => {
  const cut = data.slice(start * width, end * width);
  return { data: cut, shape: [cut.length / width, width] };
};

/** Images start..end of a sample, copied. */
export const sliceSample = ({ features, head, logits, labels }: Sample, start: number, end: number): Sample => ({
  features: sliceRows(features, start, end),
  head,
  logits: sliceRows(logits, start, end),
  labels: labels.slice(start, end),
});

/** A block from rows written as lists of numbers, all of one length. */
export function rowsOf(rows: readonly (readonly number[])[]): Rows {
  const width = rows[0]?.length ?? 0;
  if (rows.some((row) => row.length !== width)) throw new TypeError('the rows of a case must have one length');
  return { data: Float32Array.from(rows.flat()), shape: [rows.length, width] };
}

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
