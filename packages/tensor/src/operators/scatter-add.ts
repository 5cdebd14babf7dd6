import type { Operator } from '../operator.ts';
import type { None } from './elementwise.ts';

/** target with updates added at indices (int64, into the target); all have one axis. */
export const scatterAdd: Operator<None> = {
  type: 'ScatterElements',
  infer: ([target]) => target!,
  onnx: () => ({ attributes: { axis: 0, reduction: 'add' } }),
};
