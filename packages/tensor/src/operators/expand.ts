import type { Operator } from '../operator.ts';
import { broadcast, type Shape } from '../shape.ts';

/** x stretched to `shape`; the second operand holds the same shape as numbers when the graph runs. */
export const expand: Operator<{ shape: Shape }> = {
  type: 'Expand',
  infer: ([x], { shape }) => ({ shape: broadcast('Expand', x!.shape, shape), dtype: x!.dtype }),
  onnx: () => ({ attributes: {} }),
  gradient: ({ upstream: g }) => [() => g, () => undefined],
};
