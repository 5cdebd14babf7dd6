import {
  defineScorer,
  FaroutError,
  learnsFrom,
  z,
  type FitContext,
  type Learnt,
  type LearntTensors,
  type RowStream,
} from '@farout/core';
import { ClassMoments, pseudoInverse } from '@farout/linalg';
import { concat, constant, grad, signOf, type Tensor } from '@farout/tensor';
import { refuseEmptyClass } from './class-means.ts';
import { logisticRegression, type Labelled } from './logistic-regression.ts';

/**
 * Mahalanobis ensemble: the weighted sum, over several maps, of the Mahalanobis distance of the spatial mean to the nearest class mean,
 * after moving the image a step towards that mean,
 *
 * S(x) = Σₗ αₗ Mₗ(x̃ₗ),   Mₗ(x) = maxₖ −½ (zₗ(x) − μₖ)ᵀ Σₗ⁺ (zₗ(x) − μₖ),   x̃ₗ = x − ε · sign(∇ₓ −Mₗ(x)) / std,   sign(0) = +1,
 *
 * where zₗ is the spatial mean of map l, (C). From the labels of the fit set it learns in float64, for each map l: `origin` (C), the mean
 * of all rows; `means` (K, C), the class means minus the origin; and `precision` Σₗ⁺ (C, C), the pseudo-inverse of the within-class
 * covariance, divided by N. `weights` α (L) come from a logistic regression of the moved images of the fit set against those of the dataset
 * `against`, without its constant; without `against` they are 1.
 *
 * Lee, Lee, Lee, Shin, "A Simple Unified Framework for Detecting Out-of-Distribution Samples and Adversarial Attacks", NeurIPS 2018; means
 * of maps, ½ and ε as in OpenOOD, whose published configuration has α = 1. OpenOOD's regression, scikit-learn's LogisticRegressionCV on
 * unscaled distances, searches for the strength of its penalty and stops before it converges. Here the penalty is ‖a‖²/2 on standardised
 * distances, and the regression runs to the optimum.
 *
 * image → score, (N,), at most 0 where no α is negative, higher = more in-distribution.
 */
export const mahalanobisEnsemble = defineScorer({
  name: 'mahalanobis-ensemble',
  about: {
    summary:
      'The weighted Mahalanobis distances of several maps’ means to the nearest class means, after moving the image towards them.',
    formula: 'S(x) = Σₗ αₗ Mₗ(x̃ₗ),  Mₗ(x) = maxₖ −½ (zₗ − μₖ)ᵀ Σₗ⁺ (zₗ − μₖ),  x̃ₗ = x − ε · sign(∇ₓ −Mₗ(x)) / std',
    source:
      'Lee, Lee, Lee, Shin, "A Simple Unified Framework for Detecting Out-of-Distribution Samples and Adversarial Attacks", NeurIPS 2018',
    aliases: ['mds-ensemble'],
    family: 'maps',
    cost: 'A second pass over the images with one gradient per map; keeps 15.6 KB per image for the taps of ResNet-50.',
    defaults: 'OpenOOD’s ε, and weights of 1; OpenOOD uses only the first map, farout all taps',
  },
  params: z.object({
    magnitude: z.number().min(0).default(0.0014).describe('ε, in pixel units of 0..1'),
    taps: z.array(z.string()).min(1).optional().describe('the maps; default: all taps of the backbone'),
    against: z
      .string()
      .optional()
      .describe('a dataset of OOD images to fit the weights on; without it all weights are 1'),
  }),
  readings: ({ taps: all, tap, features }, { taps = all }) => {
    if (taps.length === 0)
      throw new FaroutError('OOD_DETECTOR_FAILED', 'it reads taps, but the backbone has none', {
        fix: 'Use another backbone.',
      });
    const maps = taps.map((name) => tap(name));
    const widths = Float32Array.from(maps, (map) => Number(map.shape[1]));
    const none = features.mul(0).sum(-1, { keepDims: true });
    const layers = none.add(constant({ data: widths, shape: [1, widths.length] }));
    return { pooled: concat(maps.map(placeMean), 1), layers };
  },
  readingsAfter: ({ image, std, tapOf, taps: all }, { taps = all, magnitude: eps }, { learnt }) => ({
    moved: concat(
      taps.map((name, layer) => {
        const near = (x: Tensor) => nearness(placeMean(tapOf(x, name)), learnt, layer);
        const step = signOf(grad(near(image).neg().sum(), image))
          .div(std)
          .mul(eps);
        return near(image.sub(step)).cast('float32').unsqueeze([1]);
      }),
      1,
    ),
  }),
  fit: ({ against }) => {
    const gaussians = learnsFrom(['pooled', 'layers', 'labels'], learnGaussians);
    if (against === undefined) return gaussians;
    return [gaussians, learnsFrom(['moved'], (rows, at) => learnWeights(rows, at), { against })];
  },
  reads: ['moved'],
  score: (_, __, { readings, learnt }) => {
    const distances = readings.moved!.cast('float64');
    return (learnt.weights ? distances.mul(learnt.weights) : distances).sum().cast('float32');
  },
});

const placeMean = (map: Tensor) => map.mean([2, 3]);

/** Mₗ of spatial means, (N, C) → float64 (N). */
function nearness(z: Tensor, learnt: LearntTensors, layer: number): Tensor {
  const [origin, means, precision] = ['origin', 'means', 'precision'].map((name) => learnt[`${name}${layer}`]!) as [
    Tensor,
    Tensor,
    Tensor,
  ];
  const centred = z.cast('float64').sub(origin);
  const ofMeans = means.matmul(precision);
  const across = centred.matmul(ofMeans.transpose(1, 0)).sub(ofMeans.mul(means).sum().div(2)).max();
  return across.sub(centred.matmul(precision).mul(centred).sum().div(2));
}

type PooledRows = RowStream<'pooled' | 'layers' | 'labels'>;

/** `origin`, `means` and `precision` of each map. */
async function learnGaussians(rows: PooledRows, { classes, signal }: FitContext): Promise<Learnt> {
  const moments: ClassMoments[] = [];
  for await (const { pooled, layers, labels } of rows) {
    signal.throwIfAborted();
    const [count, all] = pooled.shape;
    let start = 0;
    for (const [layer, width] of layers.data.subarray(0, layers.shape[1]).entries()) {
      const own = new Float32Array(count * width);
      for (let i = 0; i < count; i++)
        own.set(pooled.data.subarray(i * all + start, i * all + start + width), i * width);
      (moments[layer] ??= new ClassMoments(width, classes)).add(own, labels);
      start += width;
    }
  }
  return Object.assign({}, ...moments.map((each, layer) => gaussiansOf(each, layer))) as Learnt;
}

function gaussiansOf(moments: ClassMoments, layer: number): Learnt {
  const { mean, classCounts, classMeans, withinClass } = moments.result();
  refuseEmptyClass(classCounts);
  const width = mean.length;
  const about = classMeans.data.map((value, i) => value - mean[i % width]!);
  const { inverse } = pseudoInverse(withinClass);
  return {
    [`origin${layer}`]: { data: mean, shape: [width] },
    [`means${layer}`]: { data: about, shape: [...classMeans.shape] },
    [`precision${layer}`]: { data: inverse.data, shape: [width, width] },
  };
}

/** α, from the moved images of the fit set against those of `against`. */
async function learnWeights(rows: RowStream<'moved'>, { against, learnt, signal }: FitContext): Promise<Learnt> {
  const width = Object.keys(learnt).filter((name) => name.startsWith('origin')).length;
  async function* labelled(): AsyncGenerator<Labelled> {
    for await (const { moved } of rows) yield { data: moved.data, isOwn: true };
    signal.throwIfAborted();
    for await (const { moved } of against as RowStream<'moved'>) yield { data: moved.data, isOwn: false };
  }
  const { weights } = await logisticRegression(labelled, width);
  return { weights: { data: weights, shape: [width] } };
}
