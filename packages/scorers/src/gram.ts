import { defineScorer, FaroutError, learnsFrom, z, type FitContext, type Learnt, type RowStream } from '@farout/core';
import { concat, constant, type Tensor } from '@farout/tensor';
import { refuseEmptyClass } from './class-means.ts';
import { drawnOf, drawsOf } from './draws.ts';
import { Extremes } from './extremes.ts';

/**
 * Gram matrices: how far the correlations of an image's channels lie outside the range that the fit set has for the predicted class y. For
 * a map m, (C, H · W), and p = 1 … P, the row sums of its p-th Gram matrix are g = (Σⱼ mᵖ (mⱼᵖ)ᵀ)^(1/p), (C), with the sign kept. Over all
 * maps l
 *
 * S(x) = −1 / maxₖ softmax(f)ₖ · Σₗ δₗ / δ̄ₗ,   δₗ = Σ_{p, c} max(min_y − g, 0) / |min_y + 10⁻⁶| + max(g − max_y, 0) / |max_y + 10⁻⁶|.
 *
 * Up to `images` labelled images are drawn per class with the experiment's seed. Nine in ten give the extremes, `minima` and `maxima` (K,
 * columns); one in ten, and at least one where a class has two or more, the usual deviation δ̄ₗ. `scales` (columns) is 1 / δ̄ₗ, or 1 where
 * δ̄ₗ is 0. `drawn` and `heldBack`, int32, are the indices of these images in the fit set.
 *
 * Sastry, Oore, "Detecting Out-of-Distribution Examples with Gram Matrices", ICML 2020; formula, 10⁻⁶ and split as in OpenOOD. OpenOOD
 * reads the outputs of all convolutions, before their normalisation, and of all ReLU modules: 531 KB per image for ResNet-50's convolutions
 * alone. With `maps: taps` it is 78 KB per image. Both need allowLargeReadings.
 *
 * image → score, (N,), at most 0, higher = more in-distribution.
 */
export const gram = defineScorer({
  name: 'gram',
  about: {
    summary: 'How far the channel correlations lie outside the range that the fit set has for the predicted class.',
    formula:
      'S(x) = −1 / maxₖ softmax(f)ₖ · Σₗ δₗ / δ̄ₗ,  g = (Σⱼ mᵖ (mⱼᵖ)ᵀ)^(1/p),  δ how far g lies outside its extremes',
    source: 'Sastry, Oore, "Detecting Out-of-Distribution Examples with Gram Matrices", ICML 2020',
    family: 'maps',
    cost: 'Keeps P · C numbers of each map per image, 78 KB for the taps of ResNet-50, and twice as many per class.',
    defaults: 'OpenOOD’s powers; taps and at most 50 images per class, to limit what is kept',
  },
  draws: true,
  params: z.object({
    maps: z
      .enum(['taps', 'convolutions'])
      .default('taps')
      .describe('the backbone’s taps, or the output of each convolution before its normalisation, as in OpenOOD'),
    powers: z.int().min(1).default(5).describe('P, the highest power'),
    images: z
      .int()
      .min(2)
      .default(50)
      .describe('how many images of each class it learns from at most; drawn with the seed'),
  }),
  readings: (network, { maps, powers }) => {
    const { taps, tap, convolution, features } = network;
    // Stored taps come without a network, so convolutions are only listed when they are wanted.
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

/** g of a map, (N, C, H, W), for each power, float64 (N, P · C), without building the matrices. */
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

/** `drawn` and `heldBack`: up to `images` images per class drawn with the seed; one in ten of them is held back. */
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

/** The rows of the given images, each with its label and the number of columns per map. */
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
