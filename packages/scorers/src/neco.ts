import { defineScorer, FaroutError, learnsFrom, z, type Learnt, type RowMoments } from '@farout/core';
import { leadingEigenpairs } from '@farout/linalg';

/**
 * NECO, based on neural collapse: how much of the features lies in the principal space of the fit set's features, times the largest logit,
 *
 * S(x) = ‖P·h̃(x)‖₂ / ‖h̃(x)‖₂ · maxₖ fₖ(x),   h̃ = (h − μ) / σ, channel by channel
 *
 * Ben Ammar, Belkhir, Popescu, Manzanera, Franchi, "NECO: Neural Collapse Based Out-of-Distribution Detection", ICLR 2024. The rows of P,
 * (d, D), are the d leading eigenvectors of the correlation matrix of the fit set. It learns P, μ and σ (divided by N; 1 for a constant
 * channel) in float64 from the moments of the features; labels are not needed. The paper multiplies by the largest logit for transformers
 * and leaves it out for ResNets: `maxLogit: false`. The scores match pytorch-ood of 2026. The code of Mahalanobis++'s authors standardises
 * the fit set but not the scored images.
 *
 * features h, (N, D), logits f, (N, K) → score, (N,), in units of logits, or 0..1 without the logit; higher = more in-distribution.
 */
export const neco = defineScorer({
  name: 'neco',
  about: {
    summary:
      'How much of the standardised features lies in the principal space of the fit set, times the largest logit.',
    formula: 'S(x) = ‖P·h̃‖₂ / ‖h̃‖₂ · maxₖ fₖ,  h̃ = (h − μ) / σ',
    source:
      'Ben Ammar, Belkhir, Popescu, Manzanera, Franchi, "NECO: Neural Collapse Based Out-of-Distribution Detection", ICLR 2024',
    family: 'features',
    cost: 'D·d multiplications per image; fitting computes the leading eigenvectors of a (D, D) matrix',
    defaults: 'pytorch-ood’s; half of the channels if there are fewer than 200',
  },
  params: z.object({
    dimension: z
      .int()
      .min(1)
      .optional()
      .describe(
        'd, the dimension of the principal space; default: 100, or half of the channels if there are at most 200',
      ),
    maxLogit: z
      .boolean()
      .default(true)
      .describe('whether to multiply by the largest logit; in the paper true for transformers, false for ResNets'),
  }),
  fit: ({ dimension }) =>
    learnsFrom(['features'], async (_, at) => learnPrincipal(await at.moments('features'), dimension)),
  score: ({ features, logits }, { maxLogit }, { learnt }) => {
    const h = features.cast('float64').sub(learnt.mean!).div(learnt.deviation!);
    const ratio = h.matmul(learnt.directions!.transpose(1, 0)).norm().div(h.norm().maximum(leastLength));
    return (maxLogit ? ratio.mul(logits.cast('float64').max()) : ratio).cast('float32');
  },
});

/** Features equal to the mean have no direction: their share is 0. */
const leastLength = 1e-12;

/** μ and σ, (D), and P, (d, D). */
function learnPrincipal({ mean, covariance, count }: RowMoments, dimension: number | undefined): Learnt {
  const D = mean.length;
  const d = dimension ?? Math.max(1, Math.min(100, Math.floor(D / 2)));
  if (d > D) throw tooMany(d, `the features have ${D} channels`);
  const deviation = mean.map((_, i) => Math.sqrt(covariance[i * D + i]!)).map((each) => (each > 1e-12 ? each : 1));
  const correlations = covariance.map((value, at) => value / (deviation[Math.floor(at / D)]! * deviation[at % D]!));
  // The seed affects only rounding, so it is fixed rather than the experiment's.
  const { values, vectors } = leadingEigenpairs({ data: correlations, shape: [D, D] }, { count: d, seed: 0 });
  if (!(values[d - 1]! > D * 2 ** -52 * values[0]!)) throw tooMany(d, `the ${count} images of the fit set span fewer`);
  return {
    mean: { data: mean, shape: [D] },
    deviation: { data: deviation, shape: [D] },
    directions: { data: vectors.data, shape: [d, D] },
  };
}

const tooMany = (d: number, found: string) =>
  new FaroutError('OOD_DETECTOR_FAILED', `there are no ${d} principal directions: ${found}`, {
    fix: 'Use a smaller dimension, or fit on more images.',
  });
