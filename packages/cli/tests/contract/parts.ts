// Parts that prove the contract, as a plugin of others has them: nothing is imported but what plugins may import.
import {
  defineHook,
  definePlugin,
  defineScorer,
  learnsFrom,
  remembers,
  scoresFrom,
  z,
  type Rows,
  type RowStream,
} from '@farout/core';
import { constant, grad, input } from '@farout/tensor';

/** Reads two maps on the way: the mean over channels of their maxima over places, added. */
const twoTaps = defineScorer({
  name: 'two-taps',
  params: z.object({ early: z.string(), late: z.string() }),
  readings: ({ tap }, { early, late }) => ({ early: tap(early).max([2, 3]), late: tap(late).max([2, 3]) }),
  score: (_, __, { readings }) => readings.early!.mean().add(readings.late!.mean()),
});

/** Reads one map: the mean of the map that the global pooling reads. */
const oneTap = defineScorer({
  name: 'one-tap',
  readings: ({ tap }) => ({ mean: tap().mean([1, 2, 3]) }),
  score: (_, __, { readings }) => readings.mean!,
});

/** A fit that needs the head and the seed: a class vector drawn by it, seen through the head. */
const drawn = defineScorer({
  name: 'drawn',
  draws: true,
  fit: () =>
    learnsFrom(['features'], async (rows, { head, classes, seed, compile }) => {
      const draw = generator(seed);
      const weights = Float32Array.from({ length: classes }, draw);
      const [, width] = head.weight.shape as [number, number];
      const run = await compile({
        direction: input('weights', [1, classes]).matmul(constant(head.weight)).reshape([width]),
      });
      const { direction } = await run({ weights: { data: weights, shape: [1, classes] } });
      return { direction: direction!, centre: { data: await meanOf(rows, width), shape: [width] } };
    }),
  score: ({ features }, _, { learnt }) => features.sub(learnt.centre!).mul(learnt.direction!).sum().div(100).sigmoid(),
});

/** Numbers between −0.5 and 0.5 that follow from a seed. */
export function generator(seed: number): () => number {
  let state = seed + 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
}

async function meanOf(rows: RowStream<'features'>, width: number): Promise<Float32Array> {
  const sums = new Float64Array(width);
  for await (const { features } of rows) features.data.forEach((value, i) => (sums[i % width]! += value));
  return Float32Array.from(sums, (sum) => sum / rows.count);
}

/** Logits that see the features: divided by their norm. */
const normed = defineHook({
  name: 'normed',
  logits: (z, _, { features }) => z.div(features.mul(features).sum(-1, { keepDims: true }).sqrt().add(1)),
});

/** Cuts the map before the pooling. */
const cutMap = defineHook({
  name: 'cut-map',
  params: z.object({ at: z.number() }),
  map:
    ({ at }) =>
    (map) =>
      map.minimum(at),
});

/** Cuts the map at the largest feature of the fit set: what depends on it needs a second pass. */
const cutMapLearnt = defineHook({
  name: 'cut-map-learnt',
  fit: () =>
    learnsFrom(['features'], async (rows) => {
      let most = -Infinity;
      for await (const { features } of rows) for (const value of features.data) if (value > most) most = value;
      return { c: { data: Float32Array.of(most), shape: [] } };
    }),
  map:
    () =>
    (map, { learnt }) =>
      map.minimum(learnt.c!),
});

/** Two steps: the mean of the features; then the mean score of images moved towards it, which a second pass makes. */
const moved = defineScorer({
  name: 'moved',
  readingsAfter: ({ image, featuresOf }, _, { learnt }) => {
    const distance = (features: ReturnType<typeof featuresOf>) => features.sub(learnt.mean!).abs().mean();
    const step = grad(distance(featuresOf(image)).sum(), image)
      .sign()
      .mul(0.01);
    return { distance: distance(featuresOf(image.sub(step))) };
  },
  fit: () => [
    learnsFrom(['features'], async (rows, { head }) => {
      const width = head.weight.shape[1]!;
      return { mean: { data: await meanOf(rows, width), shape: [width] } };
    }),
    learnsFrom(['distance'], async (rows) => {
      let sum = 0;
      for await (const { distance } of rows) for (const each of distance.data) sum += each;
      return { usual: { data: Float32Array.of(sum / rows.count), shape: [] } };
    }),
  ],
  score: (_, __, { readings, learnt }) => readings.distance!.div(learnt.usual!).neg(),
});

/** Minus the distance to the nearest row of the bank. */
const nearest = defineScorer({
  name: 'nearest',
  fit: () => remembers(['features']),
  rows: () =>
    scoresFrom(
      ['features'],
      ({ bank }) =>
        async ({
          features: {
            data,
            shape: [count, width],
          },
        }) => {
          const nearestOf = new Float32Array(count).fill(-Infinity);
          for await (const { features } of bank as RowStream<'features'>) {
            for (let row = 0; row < count; row++) {
              for (let other = 0; other < features.shape[0]; other++) {
                let sum = 0;
                for (let i = 0; i < width; i++)
                  sum += (data[row * width + i]! - features.data[other * width + i]!) ** 2;
                nearestOf[row] = Math.max(nearestOf[row]!, -Math.sqrt(sum));
              }
            }
          }
          return nearestOf;
        },
    ),
});

/** Keeps what it sees of the fit set as it is, for tests that compute by hand: maps, the last layer. */
const kept = defineScorer({
  name: 'kept',
  params: z.object({ taps: z.array(z.string()) }),
  readings: ({ tap }, { taps }) => Object.fromEntries(taps.map((name, at) => [`map${at}`, tap(name)])),
  fit: ({ taps }) =>
    learnsFrom(
      taps.map((_, at) => `map${at}`),
      async (rows, { head }) => {
        const found = new Map<string, number[]>();
        for await (const block of rows) {
          for (const [name, { data }] of Object.entries(block as Readonly<Record<string, Rows>>)) {
            const all = found.get(name) ?? [];
            found.set(name, all);
            for (const value of data) all.push(value);
          }
        }
        const maps = [...found].map(([name, all]) => {
          const data = Float32Array.from(all);
          return [name, { data, shape: [rows.count, data.length / rows.count] }] as const;
        });
        return { ...Object.fromEntries(maps), ...head };
      },
    ),
  score: ({ logits }) => logits.max(),
});

export default definePlugin({
  name: 'contract',
  hooks: [normed, cutMap, cutMapLearnt],
  scorers: [twoTaps, oneTap, drawn, moved, nearest, kept],
});
