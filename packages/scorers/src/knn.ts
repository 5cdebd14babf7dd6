import { defineScorer, remembers, scoresFrom, z, type RowStream } from '@farout/core';
import { openSearch, type BankRows } from './neighbours.ts';
import { inverseLengths } from './unit-rows.ts';

/**
 * Deep nearest neighbours: minus the squared distance to the k-th nearest of the fit set's features, all of length 1,
 *
 * S(x) = −‖ẑ − ẑ₍ₖ₎‖²,   ẑ = h(x) / ‖h(x)‖₂.
 *
 * The search is exact: for each block of rows it goes through the whole bank, which is the fit set's features as they are stored. A
 * distance comes of float32 products, 2⟨ẑ, ẑ₍ₖ₎⟩ − ‖ẑ‖² − ‖ẑ₍ₖ₎‖²: that of an image of the bank from itself is 0 to 2·10⁻⁶.
 *
 * Sun, Ming, Zhu, Li, "Out-of-Distribution Detection with Deep Nearest Neighbors", ICML 2022; squared as in the authors' code and in
 * OpenOOD, where pytorch-ood has the distance itself: the ranks are the same. The authors take k = 1000 of ImageNet's 1.28 million
 * images and 50 for CIFAR-10, OpenOOD 50. Features that are all zero have no direction and stay as they are.
 *
 * features h, shape (N, D) → score, (N,), in −4..0, higher = more in-distribution.
 */
export const knn = defineScorer({
  name: 'knn',
  about: {
    summary: 'Minus the squared distance to the k-th nearest of the fit set’s features, all of length 1.',
    formula: 'S(x) = −‖ẑ − ẑ₍ₖ₎‖²,  ẑ = h(x) / ‖h(x)‖₂',
    source: 'Sun, Ming, Zhu, Li, "Out-of-Distribution Detection with Deep Nearest Neighbors", ICML 2022',
    family: 'distance',
    cost: 'N · M · D multiplications for N rows and a bank of M, which is read once for each block of rows; 65 MB for the block at k = 1000.',
    defaults: 'OpenOOD; the authors take 1000 for ImageNet’s whole training set',
  },
  params: z.object({
    k: z
      .int()
      .min(1)
      .default(50)
      .describe('which neighbour counts, 1 being the nearest; at most as many as the bank has rows'),
  }),
  presets: {
    // OpenOOD 1.5, configs/postprocessors/knn.yml, `postprocessor_sweep`.
    openood: { k: { sweep: [50, 100, 200, 500, 1000] } },
  },
  fit: () => remembers(['features']),
  rows: ({ k }) =>
    scoresFrom(['features'], async ({ bank, ...at }) => {
      const search = await openSearch(at, k, bank.count);
      return async ({ features }) => {
        const scales = inverseLengths(features);
        const nearest = await search({ ...features, scales }, directions(bank));
        return Float32Array.from(scales, (scale, row) =>
          Math.min(2 * (nearest[(row + 1) * k - 1]! - halfSquare(scale)), 0),
        );
      };
    }),
});

/** Half of a row's square is taken off its products: ‖q − b‖² = ‖q‖² − 2(⟨q, b⟩ − ‖b‖² / 2). */
async function* directions(bank: RowStream): AsyncGenerator<BankRows> {
  for await (const { features } of bank as RowStream<'features'>) {
    const scales = inverseLengths(features);
    yield { ...features, scales, offsets: Float32Array.from(scales, halfSquare) };
  }
}

/** Of a row of length 1; of zeros, which have no scale to it, it is 0. */
const halfSquare = (scale: number) => (scale > 0 ? 1 / 2 : 0);
