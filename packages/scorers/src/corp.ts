import {
  defineScorer,
  learnsFrom,
  z,
  type FitContext,
  type Learnt,
  type LearntTensors,
  type RowStream,
} from '@farout/core';
import { Moments } from '@farout/linalg';
import { constant, input, type Tensor } from '@farout/tensor';
import { cosineOfTurns } from './cosine.ts';
import { drawsOf } from './draws.ts';
import { learnPrincipal, learnPrincipalOfFew, nearPrincipal } from './principal.ts';
import { unitLength } from './unit-rows.ts';

/**
 * CoRP, cosine PCA of random Fourier features of a Gaussian kernel: minus the distance from the subspace in which these features vary most,
 *
 * S(x) = −‖(φ − μ) − VᵀV (φ − μ)‖₂,   φ = √(2 / M) · cos(W ĥ + u),   ĥ = h(x) / ‖h(x)‖₂,
 *
 * where W (M, D) is normal times √(2γ) and u (M) uniform in 0..2π, both drawn with the experiment's seed. ⟨φ(x), φ(y)⟩ approximates
 * exp(−γ ‖ĥ(x) − ĥ(y)‖²). It learns W, `frequencies`, and u, `phases`, in float32; and in float64 μ, `mean` (M), and V, `axes` (q, M): the fewest
 * principal directions that explain more than `ratio` of the variance of φ over the fit set.
 *
 * Fang, Tao, Lv, He, Huang, Yang, "Kernel PCA for Out-of-Distribution Detection", NeurIPS 2024. The authors' code uses γ = 3, M = 4,096 and
 * a ratio of 0.5 for ResNet-50 on ImageNet; γ = 2, M = 2,048 and 0.8 for CIFAR-10.
 *
 * features h, shape (N, D) → score, (N,), in −3..0, higher = more in-distribution.
 */
export const corp = defineScorer({
  name: 'corp',
  about: {
    summary: 'Minus the distance of random Fourier features from the subspace in which those of the fit set vary most.',
    formula: 'S(x) = −‖(φ − μ) − VᵀV (φ − μ)‖₂,  φ = √(2 / M) · cos(W ĥ + u)',
    source: 'Fang, Tao, Lv, He, Huang, Yang, "Kernel PCA for Out-of-Distribution Detection", NeurIPS 2024',
    family: 'distance',
    cost: 'M · (D + 2 · q) multiplications per image; fitting computes an (M, M) covariance, M² multiplications per image, and its leading eigenvectors; with fewer than M images, N · M.',
    defaults: 'the authors’ code, for ResNet-50 on ImageNet',
  },
  draws: true,
  params: z.object({
    gamma: z.number().positive().default(3).describe('γ of the kernel exp(−γ ‖x − y‖²) on features of length 1'),
    components: z.int().min(2).default(4096).describe('M, the number of random Fourier features'),
    ratio: z
      .number()
      .gt(0)
      .lt(1)
      .default(0.5)
      .describe('share of the variance that the subspace explains, 0.5 for 50 %; a larger share needs more directions'),
  }),
  fit: ({ gamma, components, ratio }) => [
    learnsFrom(['features'], (_, { head, seed }) => drawKernel(components, head.weight.shape[1]!, gamma, seed)),
    learnsFrom(['features'], (rows, at) => learnSubspace(rows, components, ratio, at)),
  ],
  score: ({ features }, _, { learnt }) => nearPrincipal(fourier(features, learnt), learnt),
});

/** The subspace of φ over the fit set, from the covariance; with fewer images than components, from the rows themselves. */
async function learnSubspace(
  rows: RowStream<'features'>,
  components: number,
  ratio: number,
  at: FitContext,
): Promise<Learnt> {
  if (rows.count < components) {
    const all = await collected(mapped(rows, at), rows.count * components);
    return learnPrincipalOfFew(all, components, ratio, at);
  }
  const moments = new Moments(components);
  for await (const block of mapped(rows, at)) moments.add(block);
  const { mean, covariance } = moments.result();
  return learnPrincipal({ mean, covariance: covariance.data }, ratio);
}

/** φ of the rows of a stream, block by block. */
async function* mapped(
  rows: RowStream<'features'>,
  { learnt, compile, signal }: FitContext,
): AsyncGenerator<Float64Array> {
  const kernel = { frequencies: constant(learnt.frequencies!), phases: constant(learnt.phases!) };
  const run = await compile({ phi: fourier(input('features', ['N', kernel.frequencies.shape[1]!]), kernel) });
  for await (const { features } of rows) {
    signal.throwIfAborted();
    yield (await run({ features })).phi!.data as Float64Array;
  }
}

async function collected(blocks: AsyncIterable<Float64Array>, length: number): Promise<Float64Array> {
  const all = new Float64Array(length);
  let start = 0;
  for await (const block of blocks) {
    all.set(block, start);
    start += block.length;
  }
  return all;
}

/** W, (M, D), and u, (M). */
function drawKernel(components: number, width: number, gamma: number, seed: number): Learnt {
  const { fillNormal, uniform } = drawsOf(seed);
  const scale = Math.sqrt(2 * gamma);
  const frequencies = new Float32Array(components * width);
  const row = new Float64Array(width);
  for (let i = 0; i < frequencies.length; i += width) {
    fillNormal(row);
    for (let d = 0; d < width; d++) frequencies[i + d] = scale * row[d]!;
  }
  const phases = Float32Array.from({ length: components }, () => 2 * Math.PI * uniform());
  return {
    frequencies: { data: frequencies, shape: [components, width] },
    phases: { data: phases, shape: [components] },
  };
}

/** φ of features, (N, D) → float64 (N, M). */
function fourier(features: Tensor, { frequencies, phases }: LearntTensors): Tensor {
  const [W, u] = [frequencies!.cast('float64'), phases!.cast('float64')];
  const turns = unitLength(features)
    .matmul(W.transpose(1, 0))
    .add(u)
    .div(2 * Math.PI);
  return cosineOfTurns(turns).mul(Math.sqrt(2 / Number(W.shape[0])));
}
