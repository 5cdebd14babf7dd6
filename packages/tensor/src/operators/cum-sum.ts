import { scalar } from '../nd-array.ts';
import type { Operator } from '../operator.ts';

/** The sums of the elements of x along an axis, each up to and with its own. */
export const cumSum: Operator<{ axis: number }> = {
  type: 'CumSum',
  infer: ([x]) => x!,
  onnx: ({ axis }) => ({ attributes: {}, inputs: [scalar(axis, 'int64')] }),
};
