import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { expectAdjoint } from '../parts/like-onnxruntime.ts';
import type { NodeCase } from '../parts/one-node-model.ts';
import { numbers } from '../parts/plain.ts';
import { form, small, type Check } from '../parts/property.ts';

const sizes = fc.record({ n: small(1, 4), m: small(1, 4), p: small(1, 4), by: small(0, 1) });
type Sizes = typeof sizes extends fc.Arbitrary<infer T> ? T : never;

const matmul = (a: (sizes: Sizes) => readonly number[], b: (sizes: Sizes) => readonly number[]) =>
  form(sizes, (each, seed) => ({
    type: 'MatMul',
    inputs: [numbers(a(each), seed), numbers(b(each), seed + 1)],
    by: each.by,
  }));

const products: Record<string, (check: Check) => Promise<void>> = {
  'two matrices': matmul(
    ({ n, m }) => [n, m],
    ({ m, p }) => [m, p],
  ),
  'a stack of matrices and one': matmul(
    ({ n, m }) => [2, 3, n, m],
    ({ m, p }) => [m, p],
  ),
  'two stacks that stretch each other': matmul(
    ({ n, m }) => [2, 1, n, m],
    ({ m, p }) => [3, m, p],
  ),
  'a vector and a matrix': matmul(
    ({ m }) => [m],
    ({ m, p }) => [2, m, p],
  ),
  'a matrix and a vector': matmul(
    ({ n, m }) => [2, n, m],
    ({ m }) => [m],
  ),
  'two vectors': matmul(
    ({ m }) => [m],
    ({ m }) => [m],
  ),
};

describe('MatMul', () => {
  it.each(Object.entries(products))(
    'has the values of onnxruntime, and their adjoint by both operands: %s',
    async (_, holds) => holds(expectAdjoint),
  );
});

const linear = fc.record({
  n: small(1, 4),
  m: small(1, 4),
  p: small(1, 4),
  transA: small(0, 1),
  transB: small(0, 1),
  alpha: fc.constantFrom<number>(1, 0.5, -2),
  beta: fc.constantFrom<number>(1, 0, 3),
});
type Linear = typeof linear extends fc.Arbitrary<infer T> ? T : never;

const gemm =
  (by: number, c?: (sizes: Linear) => readonly number[]) =>
  (each: Linear, seed: number): NodeCase => {
    const { n, m, p, transA, transB, alpha, beta } = each;
    const [a, b] = [transA ? [m, n] : [n, m], transB ? [p, m] : [m, p]];
    return {
      type: 'Gemm',
      inputs: [numbers(a, seed), numbers(b, seed + 1), ...(c ? [numbers(c(each), seed + 2)] : [])],
      attributes: { transA, transB, alpha: { float: alpha }, beta: { float: beta } },
      version: 11,
      by,
    };
  };

const used = linear.filter(({ beta }) => beta !== 0);
const gemms: Record<string, (check: Check) => Promise<void>> = {
  'by the first, C absent': form(linear, gemm(0)),
  'by the second, C absent': form(linear, gemm(1)),
  'by the first, C a vector': form(
    linear,
    gemm(0, ({ p }) => [p]),
  ),
  'by the second, C a column': form(
    linear,
    gemm(1, ({ n }) => [n, 1]),
  ),
  'by C, whole': form(
    used,
    gemm(2, ({ n, p }) => [n, p]),
  ),
  'by C, a vector': form(
    used,
    gemm(2, ({ p }) => [p]),
  ),
  'by C, a column': form(
    used,
    gemm(2, ({ n }) => [n, 1]),
  ),
  'by C, a number': form(
    used,
    gemm(2, () => []),
  ),
  "as PyTorch's linear layer": form(
    linear.map((each) => ({ ...each, transA: 0, transB: 1, alpha: 1, beta: 1 })),
    gemm(0, ({ p }) => [p]),
  ),
};

describe('Gemm', () => {
  it.each(Object.entries(gemms))('has the values of onnxruntime, and their adjoint: %s', async (_, holds) =>
    holds(expectAdjoint),
  );
});
