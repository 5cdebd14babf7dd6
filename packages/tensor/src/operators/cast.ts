import { isFloat, type DType } from '../nd-array.ts';
import type { Operator } from '../operator.ts';
import { elementType } from '../element-type.ts';

/** The same values in another dtype. Whole numbers and bools do not change with what they were cast from. */
export const cast: Operator<{ to: DType }> = {
  type: 'Cast',
  infer: ([x], { to }) => ({ shape: x!.shape, dtype: to }),
  onnx: ({ to }) => ({ attributes: { to: elementType[to] } }),
  gradient: ({ inputs: [x], upstream: g, attributes: { to } }) => [
    () => (isFloat(x!.dtype) && isFloat(to) ? g.cast(x!.dtype) : undefined),
  ],
};
