import { leadingEigenpairs, Moments } from '@farout/linalg';

/**
 * What CoP and CoRP learn: the mean of the rows, and the fewest principal directions that explain more than a share of their
 * variance, rows of (k, D). A score is −‖(x − μ) − V·Vᵀ·(x − μ)‖. For CoRP the rows are 4,096 random Fourier features.
 */
export function principalSpace(batches: Iterable<Float32Array>, width: number, share: number, seed: number) {
  const moments = new Moments(width);
  for (const rows of batches) moments.add(rows);
  const { mean, covariance } = moments.result();
  const { vectors } = leadingEigenpairs(covariance, { share, seed });
  return { mean, directions: vectors };
}
