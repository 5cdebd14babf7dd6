import type { RowBatch } from '@farout/core';

/** The largest logit of each row. */
export const rowMaxima = ({ logits: { data, shape } }: RowBatch<'logits'>): number[] =>
  Array.from({ length: shape[0] }, (_, n) => Math.max(...data.subarray(n * shape[1], (n + 1) * shape[1])));
