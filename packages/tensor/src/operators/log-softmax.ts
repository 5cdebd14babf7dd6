import type { Operator } from '../operator.ts';

/** x − log Σ exp(x) over an axis, as one operator: a reader of the graph knows it for what it is. */
export const logSoftmax: Operator<{ axis: number }> = {
  type: 'LogSoftmax',
  infer: ([x]) => x!,
  gradient: ({ output: y, upstream: g, attributes: { axis } }) => [
    () => g.sub(y.exp().mul(g.sum(axis, { keepDims: true }))),
  ],
};
