import type { Learnt, LearntTensors } from '@farout/core';
import { leadingEigenpairs } from '@farout/linalg';
import type { Tensor } from '@farout/tensor';

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
  // The seed decides no more than the last digits: it is not the experiment's.
  const { vectors } = leadingEigenpairs({ data: covariance, shape: [width, width] }, { share: ratio, seed: 0 });
  return { mean: { data: mean, shape: [width] }, axes: { ...vectors, shape: [...vectors.shape] } };
}

/** −‖(x − μ) − VᵀV(x − μ)‖₂ of rows, float64 (N, D) → float32 (N): how far they lie from the subspace. */
export function nearPrincipal(rows: Tensor, { mean, axes }: LearntTensors): Tensor {
  const centred = rows.sub(mean!);
  const within = centred.matmul(axes!.transpose(1, 0)).matmul(axes!);
  return centred.sub(within).norm().neg().cast('float32');
}
