import { defineScorer, remembers, scoresFrom, z, type RowStream } from '@farout/core';
import { openSearch, type BankRows } from './neighbours.ts';
import { inverseLengths } from './unit-rows.ts';

/**
 * Deep nearest neighbours: minus the squared distance to the k-th nearest features of the fit set, all scaled to length 1,
 *
 * S(x) = −‖ẑ − ẑ₍ₖ₎‖²,   ẑ = h(x) / ‖h(x)‖₂.
 *
 * The search is exact: each block of rows is compared with the whole bank, which is the stored features of the fit set. Distances are
 * computed from float32 products, 2⟨ẑ, ẑ₍ₖ₎⟩ − ‖ẑ‖² − ‖ẑ₍ₖ₎‖²; an image of the bank is 0 to 2·10⁻⁶ away from itself.
 *
 * Sun, Ming, Zhu, Li, "Out-of-Distribution Detection with Deep Nearest Neighbors", ICML 2022; squared as in the authors' code and in
 * OpenOOD. pytorch-ood uses the distance itself, which gives the same ranks. The authors use k = 1000 for ImageNet's 1.28 million images
 * and 50 for CIFAR-10; OpenOOD uses 50. All-zero features have no direction and stay zero.
 *
 * features h, shape (N, D) → score, (N,), in −4..0, higher = more in-distribution.
 */
export const knn = defineScorer({
  name: 'knn',
  about: {
    summary: 'Minus the squared distance to the k-th nearest features of the fit set, all scaled to length 1.',
    formula: 'S(x) = −‖ẑ − ẑ₍ₖ₎‖²,  ẑ = h(x) / ‖h(x)‖₂',
    source: 'Sun, Ming, Zhu, Li, "Out-of-Distribution Detection with Deep Nearest Neighbors", ICML 2022',
    family: 'distance',
    cost: 'N · M · D multiplications for N rows and a bank of M rows, which is read once per block of rows; 65 MB for the block at k = 1000.',
    defaults: 'OpenOOD’s; the authors use 1000 for ImageNet’s whole training set',
  },
  params: z.object({
    k: z
      .int()
      .min(1)
      .default(50)
      .describe('which neighbour counts; 1 is the nearest; at most the number of rows in the bank'),
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

/** Each product is lowered by half the squared norm of the bank's row: ‖q − b‖² = ‖q‖² − 2(⟨q, b⟩ − ‖b‖² / 2). */
async function* directions(bank: RowStream): AsyncGenerator<BankRows> {
  for await (const { features } of bank as RowStream<'features'>) {
    const scales = inverseLengths(features);
    yield { ...features, scales, offsets: Float32Array.from(scales, halfSquare) };
  }
}

/** ½ for a row of length 1, 0 for a row of zeros, whose scale is 0. */
const halfSquare = (scale: number) => (scale > 0 ? 1 / 2 : 0);
