import { int64 } from '../nd-array.ts';
import type { Operator } from '../operator.ts';
import { reduceShape } from '../shape.ts';
import { apply, type Tensor } from '../tensor.ts';
import { type None, unary } from './arithmetic.ts';

/** ln x */
export const log: Operator<None> = {
  ...unary('Log', ({ x, g }) => g.div(x)),
  // onnxruntime takes the logarithms of four elements at once, those of the last few in a thread's share one by one; these
  // round differently.
  steady: ([x]) => oneByOne(x!),
};

/** As the logarithm of a sum of one element, which onnxruntime always takes by itself. */
function oneByOne(x: Tensor): Tensor {
  const last = x.shape.length;
  return apply(logOfSum, [x.unsqueeze([last])], { axis: last });
}

/** ln Σ x over an axis */
const logOfSum: Operator<{ axis: number }> = {
  type: 'ReduceLogSum',
  infer: ([x], { axis }) => ({ shape: reduceShape(x!.shape, [axis], false), dtype: x!.dtype }),
  onnx: ({ axis }) => ({ attributes: { keepdims: 0 }, inputs: [int64([axis])] }),
};
