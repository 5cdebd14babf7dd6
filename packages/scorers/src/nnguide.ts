import { defineScorer, remembers, scoresFrom, z, type Rows, type RowStream } from '@farout/core';
import { drawnOf, drawsOf } from './draws.ts';
import { openSearch, type BankRows } from './neighbours.ts';
import { inverseLengths } from './unit-rows.ts';

/**
 * Nearest neighbour guidance: the energy, times how close the features are to confident images of the fit set,
 *
 * S(x) = E(x) · 1/k Σᵢ ⟨ĥ(x), E(xᵢ) · ĥ(xᵢ)⟩,   E = log Σₖ exp fₖ,   ĥ = h / ‖h‖₂,
 *
 * over the k images xᵢ of a bank with the largest products. The bank is a share of the fit set, ⌊share · N⌋ images drawn with the
 * experiment's seed. It is held in memory while scoring if it takes at most 256 MB; otherwise it is read again for each block of rows.
 *
 * Park, Jung, Teoh, "Nearest Neighbor Guidance for Out-of-Distribution Detection", ICCV 2023. k = 10 and 1 % are the authors' defaults.
 * OpenOOD uses k = 100, and takes the first batches as its 1 %, where the authors draw at random. A row of zeros has no direction and
 * scores 0.
 *
 * features h, shape (N, D), logits f, (N, K) → score, (N,), unbounded, higher = more in-distribution.
 */
export const nnguide = defineScorer({
  name: 'nnguide',
  about: {
    summary: 'The energy, times how close the features are to confident images of the fit set.',
    formula: 'S(x) = E(x) · 1/k Σᵢ ⟨ĥ(x), E(xᵢ) · ĥ(xᵢ)⟩,  E = log Σₖ exp fₖ',
    source: 'Park, Jung, Teoh, "Nearest Neighbor Guidance for Out-of-Distribution Detection", ICCV 2023',
    family: 'distance',
    cost: 'N · M · D multiplications for N rows and a bank of M rows; holds a bank of up to 256 MB.',
    defaults: 'the authors’ code; OpenOOD uses k = 100',
  },
  draws: true,
  params: z.object({
    k: z
      .int()
      .min(1)
      .default(10)
      .describe('the number of neighbours to average over; at most the number of rows in the bank'),
    share: z
      .number()
      .gt(0)
      .max(1)
      .default(0.01)
      .describe('the share of the fit set that forms the bank, 0.01 for 1 %; drawn with the seed'),
  }),
  fit: () => remembers(['features', 'logits']),
  rows: ({ k, share }) =>
    scoresFrom(['features', 'logits'], async ({ bank, seed, head, ...at }) => {
      const count = Math.floor(share * bank.count);
      const search = await openSearch(at, k, count);
      const guides = () => guidesOf(bank, count, seed);
      const isHeld = count * head.weight.shape[1]! * Float32Array.BYTES_PER_ELEMENT <= mostHeld;
      const held = isHeld ? await collected(guides()) : undefined;
      return async ({ features, logits }) => {
        const products = await search({ ...features, scales: inverseLengths(features) }, held ?? guides());
        return Float32Array.from(
          energiesOf(logits),
          (energy, row) => energy * mean(products.subarray(row * k, (row + 1) * k)),
        );
      };
    }),
});

const mostHeld = 2 ** 28;

async function collected<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const each of stream) all.push(each);
  return all;
}

/** The drawn rows, each scaled so that its length is its energy. */
async function* guidesOf(bank: RowStream, count: number, seed: number): AsyncGenerator<BankRows> {
  const isDrawn = drawnOf(bank.count, count, drawsOf(seed));
  for await (const batch of bank as RowStream<'features' | 'logits'>) {
    const drawn = Array.from({ length: batch.features.shape[0] }, (_, row) => row).filter(isDrawn);
    const features = rowsAt(batch.features, drawn);
    const energies = energiesOf(rowsAt(batch.logits, drawn));
    yield { ...features, scales: inverseLengths(features).map((scale, row) => scale * energies[row]!) };
  }
}

function rowsAt({ data, shape: [, width] }: Rows, indices: readonly number[]): Rows {
  const taken = new Float32Array(indices.length * width);
  indices.forEach((row, at) => taken.set(data.subarray(row * width, (row + 1) * width), at * width));
  return { data: taken, shape: [indices.length, width] };
}

/** log Σₖ exp fₖ of each row, float64 (N). */
function energiesOf({ data, shape: [count, classes] }: Rows): Float64Array {
  return Float64Array.from({ length: count }, (_, row) => {
    const logits = data.subarray(row * classes, (row + 1) * classes);
    const most = logits.reduce((largest, f) => Math.max(largest, f), -Infinity);
    return most + Math.log(logits.reduce((sum, f) => sum + Math.exp(f - most), 0));
  });
}

const mean = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
