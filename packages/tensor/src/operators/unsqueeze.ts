import { int64 } from '../nd-array.ts';
import type { Operator } from '../operator.ts';
import type { Dimension } from '../shape.ts';

/** New axes of size 1 where the result has `axes` (counted from the front). */
export const unsqueeze: Operator<{ axes: readonly number[] }> = {
  type: 'Unsqueeze',
  infer: ([x], { axes }) => {
    const old = [...x!.shape];
    const shape = Array.from({ length: old.length + axes.length }, (_, axis): Dimension =>
      axes.includes(axis) ? 1 : old.shift()!,
    );
    return { shape, dtype: x!.dtype };
  },
  onnx: ({ axes }) => ({ attributes: {}, inputs: [int64(axes)] }),
  gradient: ({ upstream: g, attributes: { axes } }) => [() => g.sum(axes)],
};
