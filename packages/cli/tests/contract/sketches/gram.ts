import { defineScorer, learnsFrom, z, type RowBatch } from '@farout/core';
import { concat, constant, input, type Tensor } from '@farout/tensor';
import { generator } from './generator.ts';

/**
 * Gram matrices of one convolution, before its normalisation: how far the correlations of its channels lie outside what the fit set shows
 * for the predicted class y. Of the map m (C, H · W), for the powers p of 1 to `powers`, g = (Σⱼ mᵖ (mᵖ)ᵀ)^(1/p), (C):
 *
 * S(x) = −Σ (max(min_y − g, 0) / |min_y + 10⁻⁶| + max(g − max_y, 0) / |max_y + 10⁻⁶|) / usual / maxₖ softmax(f)ₖ
 *
 * The extremes are those of 9 in 10 rows; of the others, drawn by the seed, `usual` is the mean of the sum.
 *
 * image → score, (N,), higher = more in-distribution. Sastry, Oore, "Detecting Out-of-Distribution Examples with Gram Matrices",
 * ICML 2020; details as in OpenOOD, `gram_postprocessor.py`.
 */
export const gram = defineScorer({
  name: 'gram',
  params: z.object({
    convolution: z.string().describe('the name of its weights'),
    powers: z.int().min(1).default(5).describe('the highest power'),
  }),
  readings: ({ convolution }, { convolution: name, powers }) => {
    const map = convolution(name);
    const [images, channels, height, width] = map.shape;
    const m = map.cast('float64').reshape([images!, channels!, Number(height) * Number(width)]);
    return {
      gram: concat(
        Array.from({ length: powers }, (_, before) => correlations(m, before + 1)),
        1,
      ).cast('float32'),
    };
  },
  fit: () =>
    learnsFrom(['gram', 'logits'], async (rows, { classes, seed, compile, signal }) => {
      const extremes = new Extremes(classes);
      for await (const [row, y] of drawn(rows, seed, 'taken')) {
        signal.throwIfAborted();
        extremes.add(row, y);
      }
      const { minima, maxima } = extremes.arrays();
      const row = input('row', [extremes.width]);
      const [low, high] = [input('low', [extremes.width]), input('high', [extremes.width])];
      const run = await compile({ deviation: deviation(row, low, high) });
      let [sum, count] = [0, 0];
      for await (const [held, y] of drawn(rows, seed, 'held back')) {
        const of = (data: Float32Array) => ({ data, shape: [extremes.width] });
        const at = (all: Float32Array) => of(all.subarray(y * extremes.width, (y + 1) * extremes.width));
        const found = await run({ row: of(held), low: at(minima), high: at(maxima) });
        sum += Number(found.deviation!.data[0]);
        count++;
      }
      const shape = [classes, extremes.width];
      const usual = { data: Float32Array.of(count > 0 && sum > 0 ? sum / count : 1), shape: [] };
      return { minima: { data: minima, shape }, maxima: { data: maxima, shape }, usual };
    }),
  score: ({ logits }, _, { learnt, readings }) => {
    const y = logits.argMax();
    const outside = deviation(readings.gram!, learnt.minima!.gather(y, 0), learnt.maxima!.gather(y, 0));
    return outside.div(learnt.usual!).div(logits.softmax().max()).neg();
  },
});

/** (Σⱼ mᵖ (mᵖ)ᵀ)^(1/p) with its sign, (N, C), without the matrix itself. */
function correlations(m: Tensor, p: number): Tensor {
  const power = m.pow(p);
  const sums = power.mul(power.sum(1, { keepDims: true })).sum(2);
  return sums.sign().mul(sums.abs().pow(1 / p));
}

/** Σ over what lies outside the extremes, in their units. */
function deviation(row: Tensor, low: Tensor, high: Tensor): Tensor {
  const tiny = constant({ data: Float32Array.of(1e-6), shape: [] });
  const under = low.sub(row).relu().div(low.add(tiny).abs());
  return under.add(row.sub(high).relu().div(high.add(tiny).abs())).sum();
}

/** The rows that the seed takes, or those that it holds back, each with its predicted class. */
async function* drawn(
  rows: AsyncIterable<RowBatch<'gram' | 'logits'>>,
  seed: number,
  which: 'taken' | 'held back',
): AsyncGenerator<[Float32Array, number]> {
  const draw = generator(seed);
  for await (const {
    gram: {
      data,
      shape: [count, width],
    },
    logits,
  } of rows) {
    const classes = logits.shape[1];
    for (let i = 0; i < count; i++) {
      if (draw() < 0.1 !== (which === 'held back')) continue;
      const own = logits.data.subarray(i * classes, (i + 1) * classes);
      yield [data.subarray(i * width, (i + 1) * width), own.indexOf(Math.max(...own))];
    }
  }
}

/** The smallest and the largest of each column by class; a class without rows has those of all. */
class Extremes {
  readonly #byClass: ([Float32Array, Float32Array] | undefined)[];
  readonly #all: [Float32Array, Float32Array] = [new Float32Array(0), new Float32Array(0)];

  constructor(classes: number) {
    this.#byClass = Array.from({ length: classes });
  }

  get width(): number {
    return this.#all[0].length;
  }

  add(row: Float32Array, y: number): void {
    if (this.width === 0) this.#all.splice(0, 2, row.slice(), row.slice());
    const [low, high] = (this.#byClass[y] ??= [row.slice(), row.slice()]);
    for (const [lowest, highest] of [[low, high], this.#all] as const) {
      row.forEach((value, i) => {
        lowest[i] = Math.min(lowest[i]!, value);
        highest[i] = Math.max(highest[i]!, value);
      });
    }
  }

  arrays(): { readonly minima: Float32Array; readonly maxima: Float32Array } {
    const joined = (which: 0 | 1) =>
      Float32Array.from(this.#byClass.flatMap((each) => [...(each ?? this.#all)[which]]));
    return { minima: joined(0), maxima: joined(1) };
  }
}
