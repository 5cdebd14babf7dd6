import { int64 } from '../nd-array.ts';
import type { Operator } from '../operator.ts';
import { known, showShape } from '../shape.ts';
import { TensorError } from '../tensor-error.ts';
import type { Tensor } from '../tensor.ts';

/** Per axis: the first element, the one before which it ends, and how far they are apart; all counted from the front. */
export interface Slice {
  readonly axes: readonly number[];
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly steps: readonly number[];
}

/** Some of the elements along some axes, in their order. */
export const slice: Operator<Slice> = {
  type: 'Slice',
  infer: ([x], { axes, starts, ends, steps }) => {
    const shape = [...x!.shape];
    for (const [i, axis] of axes.entries()) {
      const [start, end, step] = [starts[i]!, ends[i]!, steps[i]!];
      const size = known('Slice', shape[axis], 'a sliced size');
      if (start < 0 || end > size || start > end || step < 1) {
        const range = `${start}…${end} by ${step}`;
        throw new TensorError(`Slice: axis ${axis} of ${showShape(x!.shape)} has no range ${range}`);
      }
      shape[axis] = Math.ceil((end - start) / step);
    }
    return { shape, dtype: x!.dtype };
  },
  onnx: ({ axes, starts, ends, steps }) => ({ attributes: {}, inputs: [starts, ends, axes, steps].map(int64) }),
  gradient: ({ inputs: [x], upstream, attributes }) => [() => putBack(upstream, x!, attributes)],
};

/** The gradient at the elements that were taken, 0 at the others. */
function putBack(upstream: Tensor, { shape }: Tensor, { axes, starts, steps }: Slice): Tensor {
  return axes.reduce((g, axis, i) => {
    const spread = spreadOut(g, axis, steps[i]!);
    const covered = starts[i]! + (spread.shape[axis] as number);
    return spread.pad(axis, starts[i]!, (shape[axis] as number) - covered);
  }, upstream);
}

/** step − 1 zeros behind each element of an axis. */
function spreadOut(g: Tensor, axis: number, step: number): Tensor {
  if (step === 1) return g;
  const apart = g.unsqueeze([axis + 1]).pad(axis + 1, 0, step - 1);
  return apart.reshape(g.shape.map((size, each) => (each === axis ? (size as number) * step : size)));
}
