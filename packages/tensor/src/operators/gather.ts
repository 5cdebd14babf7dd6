import type { Operator } from '../operator.ts';
import { elementCount } from '../shape.ts';
import type { Tensor } from '../tensor.ts';

/** The elements of x at indices along an axis; the axes of the indices take that axis's place. */
export const gather: Operator<{ axis: number }> = {
  type: 'Gather',
  infer: ([x, indices], { axis }) => ({
    shape: [...x!.shape.slice(0, axis), ...indices!.shape, ...x!.shape.slice(axis + 1)],
    dtype: x!.dtype,
  }),
  gradient: ({ inputs: [x, indices], upstream: g, attributes: { axis } }) => [
    () => putBack(g, x!, indices!, axis),
    () => undefined,
  ],
};

/** The gradient added up where its elements were taken from. */
function putBack(g: Tensor, x: Tensor, indices: Tensor, axis: number): Tensor {
  const count = elementCount(indices.shape);
  const taken = g.reshape([...x.shape.slice(0, axis), count, ...x.shape.slice(axis + 1)]);
  const aligned = indices.cast('int64').reshape(x.shape.map((_, each) => (each === axis ? count : 1)));
  return x.mul(0).scatterAdd(aligned.expandAs(taken), taken, axis);
}
