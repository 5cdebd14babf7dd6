import { int64 } from '../nd-array.ts';
import type { Operator } from '../operator.ts';
import { elementCount, showShape, type Shape } from '../shape.ts';
import { TensorError } from '../tensor-error.ts';

/** The same elements in another shape. At most one size is not a number; it takes what is left. Where the old shape is not known, the new one is believed. */
export const reshape: Operator<{ shape: Shape }> = {
  type: 'Reshape',
  infer: ([x], { shape }) => {
    const open = shape.filter((size) => typeof size !== 'number').length;
    // A name for what is left may stand for any number of elements.
    const fits = () => !x!.hasShape || elementCount(x!.shape) === elementCount(shape);
    if (open === 1 || (open === 0 && fits())) return { shape, dtype: x!.dtype };
    throw new TensorError(`Reshape: the elements of ${showShape(x!.shape)} do not fill ${showShape(shape)}`);
  },
  onnx: ({ shape }) => ({
    attributes: {},
    inputs: [int64(shape.map((size) => (typeof size === 'number' ? size : -1)))],
  }),
  gradient: ({ inputs: [x], upstream: g }) => [() => g.reshape(x!.shape)],
};
