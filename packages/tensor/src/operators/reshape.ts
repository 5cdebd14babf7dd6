import { int64 } from '../nd-array.ts';
import type { Operator } from '../operator.ts';
import { showShape, type Dimension, type Shape } from '../shape.ts';
import { TensorError } from '../tensor-error.ts';

/** The same elements in another shape. At most one size is not a number; it takes what is left. */
export const reshape: Operator<{ shape: Shape }> = {
  type: 'Reshape',
  infer: ([x], { shape }) => {
    const [from, to] = [sizes(x!.shape), sizes(shape)];
    const fits = from.open === to.open && from.product === to.product;
    // A name for what is left may stand for any number of elements.
    if (fits || to.open === 1) return { shape, dtype: x!.dtype };
    throw new TensorError(`Reshape: the elements of ${showShape(x!.shape)} do not fill ${showShape(shape)}`);
  },
  onnx: ({ shape }) => ({
    attributes: {},
    inputs: [int64(shape.map((size) => (typeof size === 'number' ? size : -1)))],
  }),
  gradient: ({ inputs: [x], upstream: g }) => [() => g.reshapeAs(x!)],
};

/** The product of the numbers, and how many sizes are not numbers. */
const sizes = (shape: Shape) =>
  shape.reduce<{ product: number; open: number }>(
    ({ product, open }, size: Dimension) =>
      typeof size === 'number' ? { product: product * size, open } : { product, open: open + 1 },
    { product: 1, open: 0 },
  );
