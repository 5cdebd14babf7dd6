import type { Operator } from '../operator.ts';

/** target with updates added at indices (int64) along an axis; indices and updates have one shape. */
export const scatterAdd: Operator<{ axis: number }> = {
  type: 'ScatterElements',
  infer: ([target]) => target!,
  onnx: ({ axis }) => ({ attributes: { axis, reduction: 'add' } }),
};
