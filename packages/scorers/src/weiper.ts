import {
  defineScorer,
  learnsFrom,
  scoresFrom,
  z,
  type Learnt,
  type PartContext,
  type Rows,
  type RowStream,
} from '@farout/core';
import { Densities, divergence, Range, smoothed } from './densities.ts';
import { learnPerturbed, openProjection, type Projection } from './perturbed-heads.ts';

const params = z.object({
  repeats: z.int().min(1).default(100).describe('R, the number of perturbed last layers'),
  distance: z
    .number()
    .positive()
    .default(1.8)
    .describe('δ, how far a class’s weights are moved, relative to their length'),
  bins: z.int().min(2).default(100).describe('the number of bins of a density'),
  smoothing: z.int().min(1).default(4).describe('how many bins an image’s density of features is smoothed over'),
  smoothingPerturbed: z
    .int()
    .min(1)
    .default(15)
    .describe('how many bins its density of perturbed logits is smoothed over'),
  lambda1: z.number().min(0).default(2.5).describe('λ₁, the weight of the divergence of the perturbed logits'),
  lambda2: z
    .number()
    .min(0)
    .default(0.1)
    .describe('λ₂, the weight of the softmax probabilities of the perturbed layers'),
});
type Params = z.output<typeof params>;

/**
 * WeiPer with KL divergence: how much the densities of an image's features, and of its logits from R perturbed last layers, differ from the
 * mean densities of the fit set,
 *
 * S(x) = −D(p, s₁ ∗ p(x)) − λ₁ D(p̃, s₂ ∗ p̃(x)) + λ₂ · 1/R Σᵣ maxₖ softmax(W̃ᵣ h + b)ₖ,   D(p, q) = KL(p ‖ q) + KL(q ‖ p).
 *
 * p(x) is the histogram of the D features, p̃(x) that of the R · K logits. A row w of W̃ᵣ is wₖ + δ ‖wₖ‖ n / ‖n‖ with n normal, drawn with
 * the experiment's seed. s ∗ is a moving average over bins; 0.01 and 0.025 are added to every bin of the two D. The bins span the smallest
 * to the largest value of the fit set, `range` and `rangePerturbed` (2). p and p̃ are the means `density` and `densityPerturbed` (bins),
 * float64. `perturbed` (R · K, D) is kept if it takes at most 64 MB; otherwise it is drawn again from the seed for each block of rows.
 *
 * Granz, Heurich, Landgraf, "WeiPer: OOD Detection using Weight Perturbations of Class Projections", NeurIPS 2024. As in the authors' code,
 * dimensions are counted in chunks of 1,000 with equal weight, so the last 48 of ResNet-50's 2,048 features count 21 times as much. Their
 * code loses the perturbations of its setup and draws new ones in every call; here they stay the same.
 *
 * features h, shape (N, D) → score, (N,), at most λ₂, higher = more in-distribution.
 */
export const weiper = defineScorer({
  name: 'weiper',
  about: {
    summary:
      'How similar the densities of the features, and of logits from perturbed last layers, are to those of the fit set.',
    formula: 'S(x) = −D(p, p(x)) − λ₁ D(p̃, p̃(x)) + λ₂ · 1/R Σᵣ maxₖ softmax(W̃ᵣ h + b)ₖ,  D = KL(p ‖ q) + KL(q ‖ p)',
    source:
      'Granz, Heurich, Landgraf, "WeiPer: OOD Detection using Weight Perturbations of Class Projections", NeurIPS 2024',
    family: 'features',
    cost: 'R · K · D multiplications per image, as much as R last layers; twice that in fitting.',
    defaults: 'the authors’ code, for ImageNet',
  },
  draws: true,
  params,
  fit: (own) => [
    learnsFrom(['headInput'], (_, at) => learnPerturbed(own, at)),
    learnsFrom(['headInput'], async (rows, at) => learnRanges(rows, await openProjection(own, at))),
    learnsFrom(['headInput'], async (rows, at) => learnDensities(rows, await openDensities(own, at), own)),
  ],
  rows: (own) =>
    scoresFrom(['headInput'], async (at) => {
      const densitiesOf = await openDensities(own, at);
      const [usual, usualPerturbed] = [at.learnt.density!, at.learnt.densityPerturbed!].map(
        ({ data }) => data as Float64Array,
      );
      return async ({ headInput: rows }) => {
        const { features, perturbed, surest } = await densitiesOf(rows);
        return Float32Array.from(surest, (sure, row) => {
          const near = divergence(usual!, smoothed(features.of(row), own.smoothing), 0.01);
          const far = divergence(usualPerturbed!, smoothed(perturbed.of(row), own.smoothingPerturbed), 0.025);
          return own.lambda2 * sure - near - own.lambda1 * far;
        });
      };
    }),
});

/** The smallest and largest feature and perturbed logit of the fit set. */
async function learnRanges(rows: RowStream<'headInput'>, project: Projection): Promise<Learnt> {
  const [range, rangePerturbed] = [new Range(), new Range()];
  for await (const block of largeBlocks(rows)) {
    range.add(block.data);
    for await (const { logits } of project(block)) rangePerturbed.add(logits);
  }
  const array = (each: Range) => ({ data: each.ends(), shape: [2] });
  return { range: array(range), rangePerturbed: array(rangePerturbed) };
}

/** The densities of some rows, and their largest softmax probability averaged over the perturbed layers, (N). */
interface Found {
  readonly features: Densities;
  readonly perturbed: Densities;
  readonly surest: Float64Array;
}

async function openDensities(own: Params, at: PartContext): Promise<(rows: Rows) => Promise<Found>> {
  const project = await openProjection(own, at);
  const [range, rangePerturbed] = [at.learnt.range!, at.learnt.rangePerturbed!].map(({ data }) => data as Float32Array);
  return async (rows) => {
    const [count, width] = rows.shape;
    const features = new Densities(count, width, range!, own.bins);
    features.add(rows.data, width);
    const perturbed = new Densities(count, own.repeats * at.classes, rangePerturbed!, own.bins);
    const surest = new Float64Array(count);
    for await (const each of project(rows)) {
      perturbed.add(each.logits, at.classes);
      each.surest.forEach((sure, row) => (surest[row]! += sure / own.repeats));
    }
    return { features, perturbed, surest };
  };
}

/** The mean densities of the fit set. */
async function learnDensities(
  rows: RowStream<'headInput'>,
  densitiesOf: (rows: Rows) => Promise<Found>,
  { bins }: Params,
): Promise<Learnt> {
  const [density, densityPerturbed] = [new Float64Array(bins), new Float64Array(bins)];
  for await (const block of largeBlocks(rows)) {
    const { features, perturbed } = await densitiesOf(block);
    for (let row = 0; row < block.shape[0]; row++) {
      features.of(row).forEach((share, bin) => (density[bin]! += share / rows.count));
      perturbed.of(row).forEach((share, bin) => (densityPerturbed[bin]! += share / rows.count));
    }
  }
  return { density: { data: density, shape: [bins] }, densityPerturbed: { data: densityPerturbed, shape: [bins] } };
}

/** Rows per block at most; large, because the perturbed weights may be drawn again for each block. */
const blockRows = 4096;

/** The rows of a stream in large blocks, each reusing the memory of the last. */
async function* largeBlocks(stream: RowStream<'headInput'>): AsyncGenerator<Rows> {
  let data = new Float32Array(0);
  let filled = 0;
  let width = 0;
  const block = (): Rows => ({ data: data.subarray(0, filled), shape: [filled / width, width] });
  for await (const { headInput: rows } of stream) {
    width = rows.shape[1];
    if (data.length === 0) data = new Float32Array(width * Math.min(stream.count, blockRows));
    for (let from = 0; from < rows.data.length;) {
      const part = rows.data.subarray(from, from + data.length - filled);
      data.set(part, filled);
      [from, filled] = [from + part.length, filled + part.length];
      if (filled < data.length) continue;
      yield block();
      filled = 0;
    }
  }
  if (filled > 0) yield block();
}
