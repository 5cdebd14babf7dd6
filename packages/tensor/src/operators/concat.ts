import type { Operator } from '../operator.ts';
import { known, showShape } from '../shape.ts';
import { TensorError } from '../tensor-error.ts';
import { oneDtype } from './one-dtype.ts';

/** Tensors one behind the other along an axis; all other sizes are equal. */
export const concat: Operator<{ axis: number }> = {
  type: 'Concat',
  infer: (operands, { axis }) => {
    const [first] = operands;
    const fits = operands.every(
      ({ shape }) =>
        shape.length === first!.shape.length &&
        shape.every((size, each) => each === axis || size === first!.shape[each]),
    );
    if (!fits) {
      const shapes = operands.map(({ shape }) => showShape(shape)).join(', ');
      throw new TensorError(`Concat: ${shapes} differ in other axes than ${axis}`);
    }
    const sizes = operands.map(({ shape }) => known('Concat', shape[axis], 'a joined size'));
    const length = sizes.reduce((sum, size) => sum + size, 0);
    return {
      shape: first!.shape.map((size, each) => (each === axis ? length : size)),
      dtype: oneDtype('Concat', operands),
    };
  },
  gradient: ({ inputs, upstream: g, attributes: { axis } }) => {
    let end = 0;
    const ends = inputs.map(({ shape }) => (end += shape[axis] as number));
    return ends.map((last, i) => () => g.slice(axis, i === 0 ? 0 : ends[i - 1]!, last));
  },
};
