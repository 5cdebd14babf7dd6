import { FaroutError, z, type FitContext, type Learnt, type LearntTensors } from '@farout/core';
import { gramEigen, secondMoment, symmetricEigen } from '@farout/linalg';
import type { Tensor } from '@farout/tensor';

/** The parameters of `residual` and `vim`: the dimension of the principal space. */
export const residualParams = z.object({
  dimension: z
    .int()
    .min(1)
    .optional()
    .describe(
      'D′, the dimension of the principal space; default: 1000 with at least 2,048 channels, half with at most 512, otherwise 512',
    ),
});

export const residualDefaults =
  'the authors’: D′ = 1000 with at least 2,048 channels, otherwise 512; half of the channels if there are at most 512';

/** D′, the dimension of the principal space; default: that of the authors' code, or half of D where that would leave nothing. */
export function principalDimension(D: number, given: number | undefined): number {
  if (given !== undefined) return given;
  if (D >= 2048) return 1000;
  return D > 512 ? 512 : Math.floor(D / 2);
}

/**
 * Learns the space orthogonal to the D′ principal directions of the head's input, (D), about an origin:
 *
 * - `origin` o = −W⁺·b, (D), where all logits are 0, or as close to that as possible;
 * - `residual` R, (D − D′, D): orthonormal rows, the eigenvectors of Σ (h − o)(h − o)ᵀ / N after the first D′. Both float64.
 *
 * With fewer images than channels, R also contains the directions in which no image of the fit set varies. Their basis is arbitrary, but
 * every orthonormal basis gives the same lengths. The published code uses `numpy.linalg.eig`, whose vectors are not orthogonal there.
 *
 * @throws FaroutError OOD_DETECTOR_FAILED when there are at most D′ channels, when the fit set spans at most D′ directions, so that only
 *   rounding would be left, or when the head masks a class.
 */
export async function learnResidual(principal: number, at: FitContext): Promise<Learnt> {
  const [, D] = at.head.weight.shape as readonly [number, number];
  if (principal >= D) throw tooMany(principal, `the features have ${D} channels`);
  refuseMasked(at.head.bias.data);
  const origin = originOf(at.head, D);
  const { covariance, ...moments } = await at.moments('headInput');
  const about = secondMoment({ ...moments, covariance: { data: covariance, shape: [D, D] } }, origin);
  const { values, vectors } = symmetricEigen(about);
  const rank = values.filter((value) => value > D * 2 ** -52 * values[0]!).length;
  if (rank <= principal) throw tooMany(principal, `the ${moments.count} images of the fit set span ${rank} directions`);
  const residual = { data: vectors.data.slice(principal * D), shape: [D - principal, D] };
  return { origin: { data: origin, shape: [D] }, residual };
}

/** A class with a bias of −∞ has a logit of −∞ everywhere. */
function refuseMasked(bias: FitContext['head']['bias']['data']): void {
  const masked = Array.from(bias, Number).indexOf(-Infinity);
  if (masked < 0) return;
  throw new FaroutError(
    'OOD_DETECTOR_FAILED',
    `it needs the point where all logits are 0, but the network masks class ${masked} with a bias of −∞`,
    { fix: 'Use a network without masked classes, or a detector that does not need this point, such as mahalanobis.' },
  );
}

const tooMany = (principal: number, found: string) =>
  new FaroutError('OOD_DETECTOR_FAILED', `a principal space of ${principal} dimensions leaves no residual: ${found}`, {
    fix: 'Use a smaller dimension, or fit on more images.',
  });

/** ‖R·(h − o)‖₂ of the head's input, (N, D) → float64 (N). */
export const residualLength = (headInput: Tensor, { origin, residual }: LearntTensors): Tensor =>
  headInput.cast('float64').sub(origin!).matmul(residual!.transpose(1, 0)).norm();

/** −W⁺·b, with W⁺ = Σ v·vᵀ / λ · Wᵀ over the eigenpairs of Wᵀ·W. */
function originOf({ weight, bias }: FitContext['head'], D: number): Float64Array {
  const [W, b] = [weight.data as Float32Array, bias.data as Float32Array];
  const { values, vectors } = gramEigen({ data: W, shape: weight.shape });
  const Wb = new Float64Array(D);
  W.forEach((w, at) => (Wb[at % D]! += w * b[Math.floor(at / D)]!));
  const origin = new Float64Array(D);
  values.forEach((value, k) => {
    const v = vectors.data.subarray(k * D, (k + 1) * D);
    const share = v.reduce((sum, each, d) => sum + each * Wb[d]!, 0) / value;
    for (let d = 0; d < D; d++) origin[d]! -= share * v[d]!;
  });
  return origin;
}
