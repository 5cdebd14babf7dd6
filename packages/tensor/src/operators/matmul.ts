import type { Operator } from '../operator.ts';
import { broadcast, showShape } from '../shape.ts';
import { TensorError } from '../tensor-error.ts';
import type { Tensor } from '../tensor.ts';
import type { None } from './arithmetic.ts';
import { oneDtype } from './one-dtype.ts';

/** Matrix product over the last two axes, (…, N, M) · (…, M, P) → (…, N, P); the axes before broadcast. */
export const matmul: Operator<None> = {
  type: 'MatMul',
  infer: ([a, b]) => {
    const [n, inner] = a!.shape.slice(-2);
    const [m, p] = b!.shape.slice(-2);
    if (a!.shape.length < 2 || b!.shape.length < 2 || inner !== m) {
      const shapes = `${showShape(a!.shape)} and ${showShape(b!.shape)}`;
      throw new TensorError(`MatMul: operands must be (…, N, M) and (…, M, P), not ${shapes}`);
    }
    const batch = broadcast('MatMul', a!.shape.slice(0, -2), b!.shape.slice(0, -2));
    return { shape: [...batch, n!, p!], dtype: oneDtype('MatMul', [a!, b!]) };
  },
  gradient: ({ inputs: [a, b], upstream: g }) => [() => g.matmul(transposed(b!)), () => transposed(a!).matmul(g)],
};

/** The last two axes swapped. */
function transposed(x: Tensor): Tensor {
  const axes = x.shape.map((_, axis) => axis);
  return x.transpose(...axes.slice(0, -2), axes.length - 1, axes.length - 2);
}
