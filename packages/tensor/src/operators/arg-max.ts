import type { Operator } from '../operator.ts';
import { reduceShape } from '../shape.ts';

/** Where along an axis the maximum is, int64; the first of equals; constant wherever it is differentiable. */
export const argMax: Operator<{ axis: number }> = {
  type: 'ArgMax',
  infer: ([x], { axis }) => ({ shape: reduceShape(x!.shape, [axis], false), dtype: 'int64' }),
  onnx: ({ axis }) => ({ attributes: { axis, keepdims: 0 } }),
  gradient: () => [() => undefined],
};
