import { oneDtype, type None, type Operator } from '../operator.ts';
import { broadcast, showShape, TensorError } from '../shape.ts';
import type { Tensor } from '../tensor.ts';

/** A fully connected layer as PyTorch stores it: x · weightᵀ + bias; x (N, D), weight (K, D), bias (K) → (N, K). */
export const linear: Operator<None> = {
  type: 'Gemm',
  infer: ([x, weight, bias]) => {
    const [n, d] = x!.shape;
    const [k, inner] = weight!.shape;
    const fits = x!.shape.length === 2 && weight!.shape.length === 2 && bias!.shape.length === 1;
    if (!fits || inner !== d || bias!.shape[0] !== k) {
      const shapes = [x, weight, bias].map((operand) => showShape(operand!.shape)).join(', ');
      throw new TensorError(`Gemm: x, weight, bias must be (N, D), (K, D), (K), not ${shapes}`);
    }
    return { shape: [n!, k!], dtype: oneDtype('Gemm', [x!, weight!, bias!]) };
  },
  onnx: () => ({ attributes: { transB: 1 } }),
  gradient: ({ inputs: [x, weight], upstream: g }) => [
    () => g.matmul(weight!),
    () => g.transpose(1, 0).matmul(x!),
    () => g.sum(0),
  ],
};

/** Matrix product over the last two axes, (…, N, M) · (…, M, P) → (…, N, P); earlier axes broadcast. */
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

/** The outer product: all products of an element of a and one of b, a (…, N) and b (…, M) → (…, N, M); earlier axes broadcast. */
export function outer(a: Tensor, b: Tensor): Tensor {
  const [n, m] = [a, b].map(({ shape }) => shape.length);
  if (n === 0 || m === 0) {
    throw new TensorError(
      `outer: operands must be (…, N) and (…, M), not ${showShape(a.shape)} and ${showShape(b.shape)}`,
    );
  }
  return a.unsqueeze([n!]).mul(b.unsqueeze([m! - 1]));
}

/** The last two axes swapped. */
function transposed(x: Tensor): Tensor {
  const axes = x.shape.map((_, axis) => axis);
  return x.transpose(...axes.slice(0, -2), axes.length - 1, axes.length - 2);
}
