// A scorer over rows whose bank is larger than its host's memory, with a network and images that cost next to nothing.
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  defineBackbone,
  defineDataset,
  definePlugin,
  defineScorer,
  imageParameters,
  remembers,
  scoresFrom,
  z,
  type NetworkView,
} from '@farout/core';
import { encodePng } from '@farout/images';
import { concat, constant, input } from '@farout/tensor';

/** The mean of each colour, (N, 3), and two classes. */
const means = defineBackbone({
  name: 'means',
  params: z.object(imageParameters),
  open: () =>
    Promise.resolve({
      features: (image) => image.mean([2, 3]),
      head: {
        weight: constant({ data: Float32Array.of(1, 0, -1, 0, 1, 0), shape: [2, 3] }),
        bias: constant({ data: Float32Array.of(0, 0.5), shape: [2] }),
      },
    }),
});

/** Images of which no two are alike: each begins with its own number. */
const numbered = defineDataset({
  name: 'numbered',
  params: z.object({ first: z.int().min(0), count: z.int().min(1), side: z.int().min(2) }),
  open: ({ first, count, side }) =>
    Promise.resolve({
      images: Array.from({ length: count }, (_, at) => ({
        id: `number ${first + at}`,
        version: `numbered ${side} ${first + at}`,
        read: () => Promise.resolve(picture(first + at, side)),
      })),
    }),
});

function picture(seed: number, side: number): Uint8Array {
  const data = new Uint8Array(side * side * 3).fill(seed % 200);
  for (let byte = 0; byte < 4; byte++) data[byte] = (seed >> (8 * byte)) % 256;
  return encodePng({ width: side, height: side, data });
}

/** The pixels and their sum over the colours, (N, 4 · side²), of length 1. */
const wide = ({ image }: NetworkView) => {
  const [images, , height, broad] = image.shape;
  const all = concat([image, image.sum(1, { keepDims: true })], 1).reshape([
    images!,
    4 * Number(height) * Number(broad),
  ]);
  return { wide: all.div(all.norm(-1, { keepDims: true })) };
};

/** The largest cosine to a row of the bank. */
const nearestWide = defineScorer({
  name: 'nearest-wide',
  readings: wide,
  fit: () => remembers(['wide']),
  rows: () =>
    scoresFrom(['wide'], async ({ bank, compile }) => {
      const [rows, others] = [input('rows', ['N', 'W']), input('others', ['M', 'W'])];
      const run = await compile({ nearest: rows.matmul(others.transpose(1, 0)).max() });
      return async ({ wide: own }) => {
        const nearest = new Float32Array(own.shape[0]).fill(-Infinity);
        for await (const { wide: others } of bank) {
          const found = (await run({ rows: own, others: others! })).nearest!.data;
          nearest.forEach((most, row) => (nearest[row] = Math.max(most, Number(found[row]))));
        }
        return nearest;
      };
    }),
});

/** What it sees of its bank: in how many blocks it comes, of how many rows the largest is, and how many of them are left at the end. */
const seen = defineScorer({
  name: 'seen',
  readings: wide,
  fit: () => remembers(['wide']),
  rows: () =>
    scoresFrom(['wide'], ({ bank }) => async ({ wide: own }) => {
      const blocks: WeakRef<Float32Array>[] = [];
      let largest = 0;
      for await (const { wide: others } of bank) {
        blocks.push(new WeakRef(others!.data));
        largest = Math.max(largest, others!.shape[0]);
      }
      await collect();
      const left = blocks.filter((block) => block.deref() !== undefined).length;
      return Float32Array.from({ length: own.shape[0] }, (_, row) => [blocks.length, largest, left][row % 3]!);
    }),
});

/** Lets go what nobody holds: what a loop has read last is let go when the program has come by again. */
async function collect(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  for (let round = 0; round < 2; round++) {
    await setImmediate();
    gc();
  }
}

export default definePlugin({
  name: 'bank',
  backbones: [means],
  datasets: [numbered],
  scorers: [nearestWide, seen],
});
