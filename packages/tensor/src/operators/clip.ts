import type { Operator } from '../operator.ts';
import { scalar } from '../nd-array.ts';
import { showShape } from '../shape.ts';
import { TensorError } from '../tensor-error.ts';

/** min(max(x, low), high), float32; the derivative at both ends is 0, as that of PyTorch's relu6. */
export const clip: Operator<{ low: number; high: number }> = {
  type: 'Clip',
  infer: ([x]) => {
    if (x!.dtype === 'float32') return x!;
    throw new TensorError(`Clip: x must be float32, not ${x!.dtype} ${showShape(x!.shape)}`);
  },
  onnx: ({ low, high }) => ({ attributes: {}, inputs: [scalar(low, 'float32'), scalar(high, 'float32')] }),
  gradient: ({ output: y, upstream: g, attributes: { low, high } }) => [
    () => g.mul(y.greater(low).cast(g.dtype)).mul(y.less(high).cast(g.dtype)),
  ],
};
