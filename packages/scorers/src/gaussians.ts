import { FaroutError, type FitContext, type Learnt, type LearntTensors, type RowClassMoments } from '@farout/core';
import { symmetricEigen } from '@farout/linalg';
import { input, type NDArray, type Tensor } from '@farout/tensor';
import { refuseEmptyClass } from './class-means.ts';

/**
 * Learns one Gaussian per class, with a shared covariance, from the moments of features, (D):
 *
 * - `origin`, (D): the mean of all rows, subtracted before any multiplication;
 * - `whitener` L, (r, D): Lᵀ·L is the inverse of the within-class covariance, r its rank (see `whitener`);
 * - `means`, (K, r): L·(μₖ − origin) of each class. All float64.
 *
 * @throws FaroutError OOD_DETECTOR_FAILED when a class has no rows, or when no row differs from its class mean.
 */
export async function learnGaussians(moments: RowClassMoments, { compile }: FitContext): Promise<Learnt> {
  const { mean, classCounts, classMeans, withinClass } = moments;
  const [K, D] = [classCounts.length, mean.length];
  refuseEmptyClass(classCounts);
  const learnt = { origin: { data: mean, shape: [D] }, whitener: whitener(withinClass, D, 'within their classes') };
  const rows = input('rows', ['N', D], 'float64');
  const [origin, L] = [input('origin', [D], 'float64'), input('whitener', ['r', D], 'float64')];
  const run = await compile({ whitened: whitened(rows, origin, L) });
  const { whitened: means } = await run({ rows: { data: classMeans, shape: [K, D] }, ...learnt });
  return { ...learnt, means: means! };
}

/**
 * −d² of features to the nearest class, d² = (h − μₖ)ᵀ Σ⁺ (h − μₖ) = ‖Lh‖² − 2 Lh·Lμₖ + ‖Lμₖ‖²: two matrix products, whatever the number of
 * classes. features h, float64 (N, D) → (N), at most 0 up to rounding.
 */
export function nearness(h: Tensor, learnt: LearntTensors): Tensor {
  const means = learnt.means!;
  const Lh = whitened(h, learnt.origin!, learnt.whitener!);
  return Lh.linear(means.mul(2), means.mul(means).sum().neg()).max().sub(squares(Lh));
}

/**
 * Learns the same plus `background`, (r₀, D): the whitener of the covariance of all rows about their overall mean.
 *
 * @throws FaroutError OOD_DETECTOR_FAILED as `learnGaussians` does, and when the network has only one class.
 */
export async function learnRelativeGaussians(moments: RowClassMoments, at: FitContext): Promise<Learnt> {
  if (at.classes === 1)
    throw new FaroutError(
      'OOD_DETECTOR_FAILED',
      'the network has only one class, whose Gaussian is that of all images',
      {
        fix: 'Use mahalanobis, or a network with several classes.',
      },
    );
  const learnt = await learnGaussians(moments, at);
  return { ...learnt, background: whitener(moments.covariance, moments.mean.length, 'at all') };
}

/** −d² to the nearest class minus −d₀² to all rows, d₀² = (h − μ)ᵀ Σ₀⁺ (h − μ). features h, float64 (N, D) → (N). */
export const relativeNearness = (h: Tensor, learnt: LearntTensors): Tensor =>
  nearness(h, learnt).add(squares(whitened(h, learnt.origin!, learnt.background!)));

const whitened = (h: Tensor, origin: Tensor, L: Tensor) => h.sub(origin).matmul(L.transpose(1, 0));
const squares = (rows: Tensor) => rows.mul(rows).sum();

/**
 * L, (r, D), with Lᵀ·L = Σ⁺: the eigenvectors of a covariance, each divided by the square root of its eigenvalue. Eigenvalues up to D·ε·λ₁,
 * ε = 2⁻⁵², count as 0, as in the pseudo-inverse that scikit-learn's covariance estimators use in float64. With fewer rows than channels,
 * or with channels that are always 0, only the directions in which the rows vary contribute to a distance.
 *
 * @throws FaroutError OOD_DETECTOR_FAILED when the rows do not vary.
 */
function whitener(covariance: Float64Array, width: number, where: string): NDArray {
  const { values, vectors } = symmetricEigen({ data: covariance, shape: [width, width] });
  const limit = width * 2 ** -52 * Math.max(values[0] ?? 0, 0);
  const rank = values.filter((value) => value > limit).length;
  if (rank === 0)
    throw new FaroutError('OOD_DETECTOR_FAILED', `the features of the fit set do not vary ${where}`, {
      fix: 'Fit on several images of each class.',
    });
  const data = vectors.data.slice(0, rank * width);
  for (let i = 0; i < data.length; i++) data[i]! /= Math.sqrt(values[Math.floor(i / width)]!);
  return { data, shape: [rank, width] };
}
