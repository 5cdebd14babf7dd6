import { defineHook, learnsFrom, z, type HookContext } from '@farout/core';
import { grad, input, type Tensor } from '@farout/tensor';

const params = z.object({
  scales: z.enum(['features', 'logits']).default('features').describe('AdaSCALE-A or AdaSCALE-L'),
  percentiles: z.tuple([z.number(), z.number()]).default([75, 85]).describe('between which p lies'),
  k1: z.number().default(10).describe('of how many % of the channels the moved activations count, the largest ones'),
  k2: z.number().default(5).describe('of how many % of the channels the shift counts, the largest ones'),
  lambda: z.number().default(10).describe('λ, the weight of the shift'),
  o: z.number().default(0.05).describe('which share of the pixels is moved, those that matter least'),
});
type Params = z.output<typeof params>;

/**
 * AdaSCALE: features h scaled by how much of them lies in the largest channels, of which fewer count the steadier an image is:
 *
 * r = Σ h / Σ_{D − [D · p / 100] largest} h,   p = p₀ + (1 − F(Q)) · (p₁ − p₀),   Q = λ · Σ_{k₂ largest h} |h − h̃| + Σ_{k₁ largest h} max(h̃, 0)
 *
 * A: h · eʳ; L: logits · r². h̃ are the features of the image whose share o of pixels with the smallest |∇ₓ maxₖ f| is moved by
 * 0.5 · sign ∇ₓ; F is the distribution of Q over the first 5,000 images of the fit set: `usual`.
 *
 * (N, D) → (N, D) or (N, K) → (N, K). Code of OpenOOD, `adascale_postprocessor.py`; the authors' own exchanges k₁ and k₂ in F.
 */
export const adascale = defineHook({
  name: 'adascale',
  params,
  readings: ({ image, featuresOf, logitsOf }, { o }) => {
    const [images, ...sizes] = image.shape;
    const pixels = sizes.reduce<number>((product, size) => product * Number(size), 1);
    const slope = grad(logitsOf(image).max().sum(), image).reshape([images!, pixels]);
    const { indices } = slope
      .abs()
      .neg()
      .topK(Math.trunc(o * pixels));
    const step = slope.filled(0).putAlong(indices, slope.takeAlong(indices).sign().mul(0.5));
    return { perturbed: featuresOf(image.add(step.reshape(image.shape))) };
  },
  fit: (own) =>
    learnsFrom(['features', 'perturbed'], async (rows, { head, compile }) => {
      const shape = ['N', head.weight.shape[1]!];
      const run = await compile({ shift: shiftOf(input('h', shape), input('moved', shape), own) });
      const usual: number[] = [];
      for await (const { features: h, perturbed: moved } of rows) {
        if (usual.length >= mostImages) break;
        const { shift } = await run({ h, moved });
        usual.push(...(shift!.data as Float32Array));
      }
      const data = Float32Array.from(usual.slice(0, mostImages));
      return { usual: { data, shape: [data.length] } };
    }),
  features: (h, own, at) => (own.scales === 'features' ? h.mul(ratioOf(h, own, at).exp()) : h),
  logits: (f, own, at) => (own.scales === 'logits' ? f.mul(ratioOf(at.features, own, at).pow(2)) : f),
});

const mostImages = 5000;

/** Q, (N). */
function shiftOf(h: Tensor, moved: Tensor, { k1, k2, lambda }: Params): Tensor {
  const width = Number(h.shape[1]);
  const largest = (percent: number) => h.topK(Math.trunc((width * percent) / 100)).indices;
  const shift = h.sub(moved).abs().takeAlong(largest(k2)).sum();
  return shift.mul(lambda).add(moved.relu().takeAlong(largest(k1)).sum());
}

/** r, (N, 1). */
function ratioOf(h: Tensor, own: Params, { readings, learnt }: Pick<HookContext, 'readings' | 'learnt'>): Tensor {
  const [low, high] = own.percentiles;
  const shift = shiftOf(h, readings.perturbed!, own).unsqueeze([1]);
  const below = learnt.usual!.lessOrEqual(shift).cast('float64').mean(-1, { keepDims: true });
  const percentile = below.mul(low - high).add(high);
  const width = Number(h.shape[1]);
  const left = percentile
    .mul(width / 100)
    .add(0.5)
    .cast('int64');
  const last = left.neg().add(width - 1);
  const kept = h.sort(-1, { descending: true }).values.cumSum().takeAlong(last);
  return h.sum(-1, { keepDims: true }).div(kept);
}
