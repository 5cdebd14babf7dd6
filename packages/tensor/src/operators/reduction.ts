import { int64 } from '../nd-array.ts';
import type { Operator } from '../operator.ts';
import { reduceShape } from '../shape.ts';
import type { Tensor } from '../tensor.ts';

/** One axis or several, negative ones counted from the end. */
export type Axes = number | readonly number[];

/** Whether reduced axes stay, with size 1. */
export interface KeepDims {
  /** false by default. */
  readonly keepDims?: boolean;
}

/** Which axes are reduced (counted from the front), and whether they stay with size 1. */
export interface Reduction {
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

/** The operand x; the result y and the gradient g that reached it, both with the reduced axes put back. */
interface ReductionUse extends Pick<Reduction, 'axes'> {
  readonly x: Tensor;
  readonly y: Tensor;
  readonly g: Tensor;
}

/** What all reductions share. */
export const reduction = (type: string, byX: (use: ReductionUse) => Tensor): Operator<Reduction> => ({
  type,
  infer: ([x], { axes, keepDims }) => ({ shape: reduceShape(x!.shape, axes, keepDims), dtype: x!.dtype }),
  onnx: ({ axes, keepDims }) => ({ attributes: { keepdims: keepDims ? 1 : 0 }, inputs: [int64(axes)] }),
  gradient: ({ inputs: [x], output, upstream, attributes: { axes, keepDims } }) => {
    const [y, g] = [output, upstream].map((tensor) => (keepDims ? tensor : tensor.unsqueeze(axes)));
    return [() => byX({ x: x!, y: y!, g: g!, axes })];
  },
});
