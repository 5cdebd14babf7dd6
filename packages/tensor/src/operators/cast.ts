import type { DType } from '../nd-array.ts';
import type { Operator } from '../operator.ts';
import { elementType } from '../onnx/element-type.ts';

/** The same values in another dtype. */
export const cast: Operator<{ to: DType }> = {
  type: 'Cast',
  infer: ([x], { to }) => ({ shape: x!.shape, dtype: to }),
  onnx: ({ to }) => ({ attributes: { to: elementType[to] } }),
};
