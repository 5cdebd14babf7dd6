import type { Operator } from '../operator.ts';
import { showShape } from '../shape.ts';
import { TensorError } from '../tensor-error.ts';
import type { None } from './arithmetic.ts';
import { oneDtype } from './one-dtype.ts';

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
