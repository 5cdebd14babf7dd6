import { defineScorer, FaroutError, learnsFrom, z, type FitContext, type Learnt, type RowStream } from '@farout/core';
import { concat, constant, type Tensor } from '@farout/tensor';
import { refuseEmptyClass } from './class-means.ts';
import { drawnOf, drawsOf } from './draws.ts';
import { Extremes } from './extremes.ts';

/**
 * Gram matrices: how far the correlations of an image's channels lie outside what the fit set shows for the predicted class y. Of a map m,
 * (C, H · W), and for p = 1 … P, the row sums of its p-th Gram matrix are g = (Σⱼ mᵖ (mⱼᵖ)ᵀ)^(1/p), (C), with their sign; over all maps l
 *
 * S(x) = −1 / maxₖ softmax(f)ₖ · Σₗ δₗ / δ̄ₗ,   δₗ = Σ_{p, c} max(min_y − g, 0) / |min_y + 10⁻⁶| + max(g − max_y, 0) / |max_y + 10⁻⁶|.
 *
 * Of each class's labelled images, at most `images`, drawn by the experiment's seed, nine in ten give the extremes, `minima` and `maxima`
 * (K, columns), and one in ten, but at least one of two, the usual deviation δ̄ₗ: `scales` (columns) is 1 / δ̄ₗ, 1 where it is 0. `drawn`
 * and `heldBack`, int32, are the numbers of these images in the fit set.
 *
 * Sastry, Oore, "Detecting Out-of-Distribution Examples with Gram Matrices", ICML 2020; formula, 10⁻⁶ and split as in OpenOOD, which takes
 * what all convolutions give, before their normalisation, and all ReLU modules: 531 KB of each image for ResNet-50's convolutions
 * alone. With `maps: taps` it is 78 KB; both need allowLargeReadings.
 *
 * image → score, (N,), at most 0, higher = more in-distribution.
 */
export const gram = defineScorer({
  name: 'gram',
  about: {
    summary: 'How far the correlations of channels lie outside what the fit set shows for the predicted class.',
    formula:
      'S(x) = −1 / maxₖ softmax(f)ₖ · Σₗ δₗ / δ̄ₗ,  g = (Σⱼ mᵖ (mⱼᵖ)ᵀ)^(1/p),  δ what g lies outside of its extremes',
    source: 'Sastry, Oore, "Detecting Out-of-Distribution Examples with Gram Matrices", ICML 2020',
    family: 'maps',
    cost: 'P · C numbers of each map are kept for every image, 78 KB for the taps of ResNet-50; twice as many for each class.',
    defaults: 'powers of OpenOOD; at most 50 images of each class, and taps, to bound what is kept',
  },
  draws: true,
  params: z.object({
    maps: z
      .enum(['taps', 'convolutions'])
      .default('taps')
      .describe('of the backbone’s taps, or of what each convolution gives before its normalisation, as in OpenOOD'),
    powers: z.int().min(1).default(5).describe('P, the highest power'),
    images: z
      .int()
      .min(2)
      .default(50)
      .describe('from how many images of each class it learns, at most; drawn by the seed'),
  }),
  readings: (network, { maps, powers }) => {
    const { taps, tap, convolution, features } = network;
    // Where datasets bring taps there is no network that could have convolutions: they are asked for where they are wanted.
    const all = maps === 'taps' ? taps.map((name) => tap(name)) : network.convolutions.map((name) => convolution(name));
    if (all.length === 0)
      throw new FaroutError('OOD_DETECTOR_FAILED', `it reads ${maps}, but the backbone has none`, {
        fix: 'Use another backbone.',
      });
    const widths = Float32Array.from(all, (map) => powers * Number(map.shape[1]));
    const none = features.mul(0).sum(-1, { keepDims: true });
    return {
      gram: concat(
        all.map((map) => correlations(map, powers)),
        1,
      ).cast('float32'),
      layers: none.add(constant({ data: widths, shape: [1, widths.length] })),
    };
  },
  fit: ({ images }) => [
    learnsFrom(['labels'], (rows, at) => drawImages(rows, images, at)),
    learnsFrom(['gram', 'layers', 'labels'], learnExtremes),
  ],
  reads: ['gram'],
  score: ({ logits }, _, { learnt, readings }) => {
    const y = logits.argMax();
    const g = readings.gram!.cast('float64');
    const [low, high] = [learnt.minima!, learnt.maxima!].map((each) => each.gather(y, 0).cast('float64')) as [
      Tensor,
      Tensor,
    ];
    const under = low.sub(g).relu().div(low.add(tiny).abs());
    const over = g.sub(high).relu().div(high.add(tiny).abs());
    const sure = logits.cast('float64').softmax().max();
    return under.add(over).mul(learnt.scales!).sum().div(sure).neg().cast('float32');
  },
});

const tiny = 1e-6;

/** g of a map, (N, C, H, W), for each power, float64 (N, P · C), without the matrices themselves. */
function correlations(map: Tensor, powers: number): Tensor {
  const [images, channels, height, width] = map.shape;
  const m = map.cast('float64').reshape([images!, channels!, Number(height) * Number(width)]);
  const ofPower = (p: number) => {
    const power = m.pow(p);
    const sums = power.mul(power.sum(1, { keepDims: true })).sum(2);
    return sums.sign().mul(sums.abs().pow(1 / p));
  };
  return concat(
    Array.from({ length: powers }, (_, before) => ofPower(before + 1)),
    1,
  );
}

/** `drawn` and `heldBack`: of each class up to so many images, drawn by the seed, less one in ten; and these. */
async function drawImages(
  rows: RowStream<'labels'>,
  images: number,
  { classes, seed, signal }: FitContext,
): Promise<Learnt> {
  const counts = new Float64Array(classes);
  for await (const { labels } of rows) for (const label of labels) counts[label]!++;
  refuseEmptyClass(counts);
  const draws = drawsOf(seed);
  const ofClass = Array.from(counts, (count) => {
    const wanted = Math.min(count, images);
    const held = wanted > 1 ? Math.max(1, Math.floor(0.1 * wanted)) : 0;
    return { isDrawn: drawnOf(count, wanted, draws), isHeldBack: drawnOf(wanted, held, draws) };
  });
  const [drawn, heldBack]: [number[], number[]] = [[], []];
  let at = 0;
  for await (const { labels } of rows) {
    signal.throwIfAborted();
    for (const label of labels) {
      const { isDrawn, isHeldBack } = ofClass[label]!;
      if (isDrawn()) (isHeldBack() ? heldBack : drawn).push(at);
      at++;
    }
  }
  const numbers = (of: readonly number[]) => ({ data: Int32Array.from(of), shape: [of.length] });
  return { drawn: numbers(drawn), heldBack: numbers(heldBack) };
}

type GramRows = RowStream<'gram' | 'layers' | 'labels'>;

/** `minima` and `maxima` of each class, and `scales`. */
async function learnExtremes(rows: GramRows, { classes, learnt, signal }: FitContext): Promise<Learnt> {
  const [drawn, heldBack] = [learnt.drawn!, learnt.heldBack!].map(({ data }) => data as Int32Array);
  let extremes: Extremes | undefined;
  let widths: number[] = [];
  for await (const { row, label, layers } of among(rows, drawn!)) {
    widths = layers;
    (extremes ??= new Extremes(classes, row.length)).add(row, label);
  }
  signal.throwIfAborted();
  const sums = new Float64Array(widths.length);
  for await (const { row, label } of among(rows, heldBack!)) {
    const deviations = extremes!.deviations(row, label, tiny);
    let start = 0;
    widths.forEach((width, layer) => {
      sums[layer]! += deviations.subarray(start, start + width).reduce((sum, each) => sum + each, 0);
      start += width;
    });
  }
  const scaleOf = (sum: number) => (sum > 0 ? heldBack!.length / sum : 1);
  const scales = Float64Array.from(
    widths.flatMap((width, layer) => new Array<number>(width).fill(scaleOf(sums[layer]!))),
  );
  return { ...extremes!.learnt(), scales: { data: scales, shape: [scales.length] } };
}

/** The rows of these images, each with its label and how many columns each map has. */
async function* among(rows: GramRows, images: Int32Array) {
  let [start, next] = [0, 0];
  for await (const { gram, layers, labels } of rows) {
    const width = gram.shape[1];
    const ofMaps = [...layers.data.subarray(0, layers.shape[1])];
    for (; next < images.length && images[next]! < start + labels.length; next++) {
      const i = images[next]! - start;
      yield { row: gram.data.subarray(i * width, (i + 1) * width), label: labels[i]!, layers: ofMaps };
    }
    start += labels.length;
  }
}
