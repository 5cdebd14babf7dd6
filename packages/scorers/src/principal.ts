import type { FitContext, Learnt, LearntTensors } from '@farout/core';
import { leadingEigenpairs, type LeadingPairs } from '@farout/linalg';
import { input, type NDArray, type Tensor } from '@farout/tensor';

/** Mean (D) and covariance (D, D) of rows. */
interface Moments {
  readonly mean: Float64Array;
  readonly covariance: Float64Array;
}

/**
 * Learns the subspace in which rows vary most: `mean` (D) and `axes` (q, D), the fewest orthonormal principal directions that explain more
 * than a ratio of the variance. Both float64.
 *
 * @throws FaroutError OOD_DETECTOR_FAILED when the rows do not vary.
 */
export function learnPrincipal({ mean, covariance }: Moments, ratio: number): Learnt {
  const width = mean.length;
  const { vectors } = leading(covariance, width, ratio);
  return { mean: { data: mean, shape: [width] }, axes: { ...vectors, shape: [...vectors.shape] } };
}

/**
 * Learns the same from fewer rows than columns, without a (D, D) covariance: an eigenvector u of the (N, N) products of the rows X with
 * each other gives the principal direction Xᵀ·u. The rows, float64 (N, D), are centred in place.
 *
 * @throws FaroutError OOD_DETECTOR_FAILED when the rows do not vary.
 */
export async function learnPrincipalOfFew(
  rows: Float64Array,
  width: number,
  ratio: number,
  { compile }: Pick<FitContext, 'compile'>,
): Promise<Learnt> {
  const mean = centred(rows, width);
  const count = rows.length / width;
  const X: NDArray = { data: rows, shape: [count, width] };
  const x = input('X', X.shape, 'float64');
  const multiply = await compile({ products: x.matmul(x.transpose(1, 0)) });
  const { products } = await multiply({ X });
  const { vectors } = leading(mirrored(products!.data as Float64Array, count), count, ratio);
  const along = input('U', ['q', count], 'float64').matmul(x);
  const turn = await compile({ axes: along.div(along.norm(-1, { keepDims: true })) });
  const { axes } = await turn({ X, U: { ...vectors, shape: [...vectors.shape] } });
  return { mean: { data: mean, shape: [width] }, axes: axes! };
}

/** The seed affects only the last digits, so it is fixed rather than the experiment's. */
const leading = (data: Float64Array, size: number, ratio: number): LeadingPairs =>
  leadingEigenpairs({ data, shape: [size, size] }, { share: ratio, seed: 0 });

/** Subtracts the mean from the rows in place and returns it. */
function centred(rows: Float64Array, width: number): Float64Array {
  const mean = new Float64Array(width);
  const count = rows.length / width;
  for (let i = 0; i < rows.length; i++) mean[i % width]! += rows[i]! / count;
  for (let i = 0; i < rows.length; i++) rows[i]! -= mean[i % width]!;
  return mean;
}

/** Copies the upper triangle to the lower one: the products may differ in the last digit. */
function mirrored(products: Float64Array, size: number): Float64Array {
  for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) products[i * size + j] = products[j * size + i]!;
  return products;
}

/** −‖(x − μ) − VᵀV(x − μ)‖₂ of rows, float64 (N, D) → float32 (N): how far they lie from the subspace. */
export function nearPrincipal(rows: Tensor, { mean, axes }: LearntTensors): Tensor {
  const centred = rows.sub(mean!);
  const within = centred.matmul(axes!.transpose(1, 0)).matmul(axes!);
  return centred.sub(within).norm().neg().cast('float32');
}
