import { int64 } from '../nd-array.ts';
import type { Operator } from '../operator.ts';

/** The elements along `axes` (counted from the front) in the opposite order. */
export const reverse: Operator<{ axes: readonly number[] }> = {
  type: 'Slice',
  infer: ([x]) => x!,
  onnx: ({ axes }) => ({
    attributes: {},
    // From the last element to before the first, backwards.
    inputs: [axes.map(() => -1), axes.map(() => Number.MIN_SAFE_INTEGER), axes, axes.map(() => -1)].map(int64),
  }),
  gradient: ({ upstream: g, attributes: { axes } }) => [() => g.reverse(axes)],
};
