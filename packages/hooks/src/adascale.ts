import { learnsFrom, z, type Fit, type HookContext, type NetworkView } from '@farout/core';
import { grad, input, type Tensor } from '@farout/tensor';
import { sumRatio } from './largest-units.ts';
import { percent } from './percent.ts';

/** The parameters of AdaSCALE-A and AdaSCALE-L, which differ only in what they scale. */
export const adascaleParams = z.object({
  percentiles: z
    .tuple([percent('percentiles'), percent('percentiles')])
    .refine(([low, high]) => low <= high, 'the lower percentile comes first')
    .default([75, 85])
    .describe('p₀ and p₁, in percent: the lowest and the highest p, such as [75, 85]'),
  k1: z
    .number()
    .positive()
    .max(100)
    .default(5)
    .describe('k₁, in percent of the channels: the largest ones, whose perturbed features are summed'),
  k2: z
    .number()
    .min(0)
    .max(100)
    .default(1)
    .describe('k₂, in percent of the channels: the largest ones, whose shift is summed'),
  lambda: z.number().min(0).default(10).describe('λ, the weight of the shift'),
  o: z
    .number()
    .positive()
    .max(1)
    .default(0.05)
    .describe('o, the share of the pixels that is moved, those with the smallest gradients'),
});
/** OpenOOD tries every pair of these percentiles, the lower one first. */
const tried = [60, 65, 70, 75, 80, 85, 90, 95, 99] as const;
const pairs = tried.flatMap((low, at) => tried.slice(at + 1).map((high): [number, number] => [low, high]));

/** OpenOOD 1.5, configs/postprocessors/adascale_a.yml and adascale_l.yml, `postprocessor_sweep`: 36 pairs. */
export const adascalePresets = { openood: { percentiles: { sweep: pairs } } };

export type AdascaleParams = z.output<typeof adascaleParams>;

/** How far a pixel is moved, in normalised units. */
const step = 0.5;

/** The features of an image after moving the share o of its pixels with the smallest |∇ₓ maxₖ f| along their gradient. */
export function perturbedFeatures({ image, featuresOf, logitsOf }: NetworkView, { o }: AdascaleParams): Tensor {
  const [images, ...sizes] = image.shape;
  const pixels = sizes.reduce<number>((product, size) => product * Number(size), 1);
  const slope = grad(logitsOf(image).max().sum(), image).reshape([images!, pixels]);
  const { indices } = slope
    .abs()
    .neg()
    .topK(Math.trunc(pixels * o));
  const moved = slope.filled(0).putAlong(indices, slope.takeAlong(indices).sign().mul(step));
  return featuresOf(image.add(moved.reshape(image.shape)));
}

/** How many shifts are kept, from images evenly spaced over the fit set; the authors draw as many. */
const mostImages = 5000;

/** Learns `usual`, the shifts Q of the fit set, float32 (at most 5,000). */
export const learnShifts = (own: AdascaleParams): Fit =>
  learnsFrom(['features', 'perturbed'], async (rows, { head, compile }) => {
    const shape = ['N', head.weight.shape[1]!];
    const run = await compile({ shift: shiftOf(input('h', shape), input('moved', shape), own) });
    const usual: number[] = [];
    const every = Math.max(rows.count / mostImages, 1);
    let row = 0;
    for await (const { features: h, perturbed: moved } of rows) {
      const { shift } = await run({ h, moved });
      for (const each of shift!.data as Float32Array) if (row++ >= usual.length * every) usual.push(each);
    }
    return { usual: { data: Float32Array.from(usual), shape: [usual.length] } };
  });

/** Q = λ · Σ_{k₂ largest h} |h − h̃| + Σ_{k₁ largest h} max(h̃, 0), (N). */
function shiftOf(h: Tensor, moved: Tensor, { k1, k2, lambda }: AdascaleParams): Tensor {
  const width = Number(h.shape[1]);
  const largest = (percentage: number) => h.topK(Math.trunc((width * percentage) / 100)).indices;
  const shift = h.sub(moved).abs().takeAlong(largest(k2)).sum();
  return shift.mul(lambda).add(moved.relu().takeAlong(largest(k1)).sum());
}

/**
 * r = Σ max(h, 0) / Σ_{D − [D · p / 100] largest} max(h, 0), (N, 1), with p = p₁ − F(Q) · (p₁ − p₀) and F the share of the fit set whose Q
 * is not larger. Gradients treat the number of largest features as a constant, as in the authors' code.
 */
export function adascaleRatio(
  h: Tensor,
  own: AdascaleParams,
  { readings, learnt }: Pick<HookContext, 'readings' | 'learnt'>,
): Tensor {
  const [low, high] = own.percentiles;
  const shift = shiftOf(h.detach(), readings.perturbed!.detach(), own).unsqueeze([1]);
  const share = learnt.usual!.lessOrEqual(shift).cast('float64').mean(-1, { keepDims: true });
  const width = Number(h.shape[1]);
  const small = rounded(
    share
      .mul(low - high)
      .add(high)
      .mul(width)
      .div(100),
  );
  const left = small.neg().add(width).maximum(1);
  const { values } = h.relu().sort(-1, { descending: true });
  return sumRatio(values, ranks(values).less(left).where(values, 0));
}

/** Rounds float64 below 2⁵¹, halves to even as in PyTorch: above 2⁵² float64 has no fractions. */
const rounded = (x: Tensor) => x.add(2 ** 52).sub(2 ** 52);

/** 0 to D − 1, float64 (1, D). */
const ranks = (values: Tensor) => {
  const width = Number(values.shape[1]);
  return values.constant({ data: Float64Array.from({ length: width }, (_, i) => i), shape: [1, width] });
};
