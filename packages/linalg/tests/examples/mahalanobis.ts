import { ClassMoments, pseudoInverse } from '@farout/linalg';

/** Features of some images, one after the other, and their classes. */
interface Batch {
  readonly rows: Float32Array;
  readonly labels: ArrayLike<number>;
}

/**
 * What Mahalanobis learns: the means of the classes, (C, D), and Σ⁺ of what is left about them. A score is the largest
 * −(x − μ_c)ᵀ·Σ⁺·(x − μ_c). The relative one (RMDS) subtracts −(x − μ)ᵀ·Σ₀⁺·(x − μ), the same without classes.
 */
export function mahalanobisStatistics(batches: Iterable<Batch>, width: number, classes: number) {
  const moments = new ClassMoments(width, classes);
  for (const { rows, labels } of batches) moments.add(rows, labels);
  const { mean, covariance, classMeans, withinClass } = moments.result();
  return {
    ...{ classMeans, precision: pseudoInverse(withinClass).inverse },
    background: { mean, precision: pseudoInverse(covariance).inverse },
  };
}
