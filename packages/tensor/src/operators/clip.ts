import type { Operator } from '../operator.ts';
import { scalar, type DType } from '../nd-array.ts';

/** Bounds of the dtype of what is clipped; an infinite one is none. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
  readonly dtype: DType;
}

/** min(max(x, low), high); the derivative at both ends is 0, as that of PyTorch's relu6. */
export const clip: Operator<Bounds> = {
  type: 'Clip',
  infer: ([x], bounds) => {
    finite(bounds);
    return x!;
  },
  onnx: (bounds) => ({
    attributes: {},
    inputs: finite(bounds),
    absent: Number.isFinite(bounds.low) ? [] : [1],
  }),
  gradient: ({ output: y, upstream: g, attributes: { low, high } }) => [
    () => g.mul(y.greater(low).cast(g.dtype)).mul(y.less(high).cast(g.dtype)),
  ],
};

const finite = ({ low, high, dtype }: Bounds) =>
  [low, high].filter(Number.isFinite).map((bound) => scalar(bound, dtype));
