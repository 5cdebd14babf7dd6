import type { Operator } from '../operator.ts';
import { showShape } from '../shape.ts';
import { TensorError } from '../tensor-error.ts';

/** Axes in another order: axis i of the result is axis perm[i] of x. */
export const transpose: Operator<{ perm: readonly number[] }> = {
  type: 'Transpose',
  infer: ([x], { perm }) => {
    const complete = perm.length === x!.shape.length && x!.shape.every((_, axis) => perm.includes(axis));
    if (!complete)
      throw new TensorError(`Transpose: [${perm.join(', ')}] is no order of the axes of ${showShape(x!.shape)}`);
    return { shape: perm.map((axis) => x!.shape[axis]!), dtype: x!.dtype };
  },
  gradient: ({ upstream: g, attributes: { perm } }) => [
    () => g.transpose(...perm.map((_, axis) => perm.indexOf(axis))),
  ],
};
