import { defineScorer, remembers, scoresFrom, z } from '@farout/core';
import { treeOf } from './tree-of.js';
import { unitRows } from './unit-rows.js';

/**
 * Deep nearest neighbours: S(x) = −‖ẑ − ẑ₍ₖ₎‖, where ẑ = h / ‖h‖ are the features of the image scaled to length 1, and ẑ₍ₖ₎ is the
 * k-th nearest among those of the fit set.
 *
 * Sun et al., "Out-of-Distribution Detection with Deep Nearest Neighbors", ICML 2022.
 *
 * features h, shape (N, D) → score, shape (N,), −2 to 0, higher = more in-distribution.
 */
export const nearestNeighbours = defineScorer({
  name: 'nearest-neighbours',
  about: {
    summary: 'Distance to the k-th nearest image of the fit set, among features of length 1',
    formula: 'S(x) = −‖ẑ − ẑ₍ₖ₎‖, ẑ = h / ‖h‖',
    source: 'Sun et al., "Out-of-Distribution Detection with Deep Nearest Neighbors", ICML 2022',
  },
  params: z.object({
    k: z
      .int()
      .min(1)
      .default(5)
      .describe('which neighbour counts, the farthest where there are fewer; 50 for 50,000 images in the paper'),
    bank: z
      .int()
      .min(1)
      .default(5000)
      .describe('at most so many images of the fit set are kept, evenly spread over it'),
  }),
  fit: () => remembers(['features']),
  rows: ({ k, bank: most }) =>
    scoresFrom(['features'], async ({ bank }) => {
      const tree = treeOf(await keep(bank, most));
      const kthDistance = (row) => tree.nearestNeighbors(k, row).at(-1).distance;
      return ({ features }) => Float32Array.from(unitRows(features), (row) => -kthDistance(row));
    }),
});

/** Of the images that are remembered at most so many, evenly spread over them, as features of length 1. */
async function keep(rows, most) {
  const step = Math.ceil(rows.count / most);
  const kept = [];
  let seen = 0;
  for await (const { features } of rows) {
    const untilNext = (step - (seen % step)) % step;
    kept.push(...unitRows(features, untilNext, step));
    seen += features.shape[0];
  }
  return kept;
}
