import { defineScorer, learnsFrom, z, type Learnt, type RowBatch, type RowStream } from '@farout/core';
import { firstLargest, grad, signOf, type Tensor } from '@farout/tensor';
import { learnGaussians, nearness } from './gaussians.ts';
import { logisticRegression, type Labelled } from './logistic-regression.ts';

/**
 * Mahalanobis distance (MDS) of the features to the nearest class mean, with one covariance for all classes:
 *
 * S(x) = M(x) = maxₖ −(h(x) − μₖ)ᵀ Σ⁺ (h(x) − μₖ)
 *
 * Lee, Lee, Lee, Shin, "A Simple Unified Framework for Detecting Out-of-Distribution Samples and Adversarial Attacks", NeurIPS 2018, on the
 * penultimate features. It learns the class means and Σ, divided by N, from the labels of the fit set, in float64: `origin` (D), `whitener`
 * (r, D), `means` (K, r); see gaussians.ts. Σ⁺ is the pseudo-inverse, as in scikit-learn's EmpiricalCovariance, which the published code
 * uses: with fewer images than channels, only the directions in which the fit set varies count. With float32 statistics, scikit-learn drops
 * eigenvalues up to D · 1.2·10⁻⁷ of the largest. Here they are float64, and none above D · 2⁻⁵² is dropped.
 *
 * With a `magnitude` ε > 0, the image is first moved a step towards the nearest class, and the score is the log odds of a logistic
 * regression,
 *
 * x̃ = x − ε · sign(∇ₓ −M(x)), sign(0) = +1,   S(x) = a · M(x̃) + b,
 *
 * fitted on the moved images of the fit set against those of the dataset `against`. Without `against`, it is fitted against adversarial
 * images of the fit set, x + ε′ · sign(∇ₓ −log softmax(f(x))_y), y = argmaxₖ f(x)ₖ, moved in the same way. `odds` (2): a and b.
 *
 * features h, (N, D), or images → score, (N,), at most 0 without a magnitude, unbounded with one; higher = more in-distribution.
 */
export const mahalanobis = defineScorer({
  name: 'mahalanobis',
  about: {
    summary:
      'The squared Mahalanobis distance of the features to the nearest class mean, with one covariance for all classes.',
    formula: 'S(x) = maxₖ −(h − μₖ)ᵀ Σ⁺ (h − μₖ)',
    source:
      'Lee, Lee, Lee, Shin, "A Simple Unified Framework for Detecting Out-of-Distribution Samples and Adversarial Attacks", NeurIPS 2018',
    aliases: ['mds'],
    family: 'distance',
    cost: 'D² + K·D multiplications per image; holds D² numbers; a magnitude above 0 adds a second pass over the images with gradients',
    defaults: 'OpenOOD’s, which does not move images',
  },
  params: z
    .object({
      magnitude: z
        .number()
        .min(0)
        .default(0)
        .describe(
          'ε, in `units`; 0 does not move images, so stored features suffice; 0.0005 to 0.01 in the code of the paper',
        ),
      units: z
        .enum(['pixel', 'normalised'])
        .default('pixel')
        .describe('units of ε and ε′: pixels in 0..1, as in the code of the paper, or the normalised input'),
      attack: z
        .number()
        .min(0)
        .default(0.05)
        .describe('ε′, in `units`: the step for adversarial images, used without `against`'),
      against: z
        .string()
        .optional()
        .describe('a dataset of OOD images for the regression; without it, adversarial images are used'),
    })
    .refine(({ magnitude, against }) => magnitude > 0 || against === undefined, {
      path: ['against'],
      error: 'against needs a magnitude above 0: without one, nothing is learnt from other images',
    }),
  readingsAfter: (network, { magnitude, units, attack, against }, { learnt }) => {
    // Reading the image would force a pass over the images.
    if (magnitude === 0) return {};
    const { image, std, featuresOf, logitsOf } = network;
    const step = (slope: Tensor) => (units === 'pixel' ? signOf(slope).div(std) : signOf(slope));
    const near = (x: Tensor) => nearness(featuresOf(x).cast('float64'), learnt);
    const moved = (x: Tensor) => near(x.sub(step(grad(near(x).neg().sum(), x)).mul(magnitude))).cast('float32');
    const own = moved(image);
    if (against !== undefined) return { own };
    const logits = logitsOf(image);
    const loss = logits.logSumExp().sub(firstLargest(logits).where(logits, 0).sum());
    return { own, adversarial: moved(image.add(step(grad(loss.sum(), image)).mul(attack))) };
  },
  fit: ({ magnitude, against }) => {
    const gaussians = learnsFrom(['features', 'labels'], async (_, at) =>
      learnGaussians(await at.classMoments('features'), at),
    );
    if (magnitude === 0) return gaussians;
    const odds =
      against === undefined
        ? learnsFrom(['own', 'adversarial'], (rows) => learnOdds([rows, 'own'], [rows, 'adversarial']))
        : learnsFrom(['own'], (rows, at) => learnOdds([rows, 'own'], [at.against, 'own']), { against });
    return [gaussians, odds];
  },
  reads: ['own'],
  score: ({ features }, { magnitude }, at) => {
    if (magnitude === 0) return nearness(features.cast('float64'), at.learnt).cast('float32');
    const [a, b] = [0, 1].map((index) => at.learnt.odds!.gather([index], 0)) as [Tensor, Tensor];
    return at.readings.own!.cast('float64').mul(a).add(b).cast('float32');
  },
});

/** One number per image: a reading of a stream. */
type Numbers = readonly [stream: RowStream, reading: string];

/** `odds`, float64 (2): a and b of the logistic regression of own numbers against others. */
async function learnOdds(own: Numbers, other: Numbers): Promise<Learnt> {
  async function* labelled(): AsyncGenerator<Labelled> {
    for (const numbers of [own, other]) {
      const [stream, reading] = numbers;
      for await (const batch of stream)
        yield { data: (batch as RowBatch<'own'>)[reading as 'own'].data, isOwn: numbers === own };
    }
  }
  const { weights, constant } = await logisticRegression(labelled, 1);
  return { odds: { data: Float64Array.of(weights[0]!, constant), shape: [2] } };
}
