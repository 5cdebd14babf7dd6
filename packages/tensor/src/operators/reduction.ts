import { int64 } from '../nd-array.ts';
import type { Operator } from '../operator.ts';
import { reduceShape } from '../shape.ts';

/** Which axes are reduced (counted from the front), and whether they stay with size 1. */
export interface Reduction {
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

/** What all reductions share. */
export const reduction = (type: string): Operator<Reduction> => ({
  type,
  infer: ([x], { axes, keepDims }) => ({ shape: reduceShape(x!.shape, axes, keepDims), dtype: x!.dtype }),
  onnx: ({ axes, keepDims }) => ({ attributes: { keepdims: keepDims ? 1 : 0 }, inputs: [int64(axes)] }),
});
