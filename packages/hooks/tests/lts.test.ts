import { testHook } from '@farout/testing';
import { lts } from '../src/lts.ts';

testHook(lts, [
  {
    title:
      'logits are multiplied by the square of the sum of all features over that of the largest half, their bias too',
    params: { percentile: 50 },
    features: [[4, 1, 3, 2]],
    head: {
      weight: [
        [1, 0, 0, 0],
        [0, 0, 0, -1],
      ],
      bias: [0.5, 0],
    },
    logits: [[4.5 * (10 / 7) ** 2, -2 * (10 / 7) ** 2]],
  },
  {
    title: 'features below 0 count as 0',
    params: { percentile: 50 },
    features: [[4, -5, 3, 2]],
    logits: [[4, -5, 3, 2].map((f) => f * (9 / 7) ** 2)],
  },
  {
    title: 'of equals at the cut exactly k count',
    params: { percentile: 75 },
    features: [[2, 2, 2, 2]],
    logits: [[32, 32, 32, 32]],
  },
  { title: 'p = 0 changes nothing', params: { percentile: 0 }, features: [[4, -1, 0]], logits: [[4, -1, 0]] },
  {
    title: 'where no feature is above 0 nothing is scaled',
    params: { percentile: 50 },
    features: [[0, 0, -1, -2]],
    head: { weight: [[1, 1, 1, 1]], bias: [7] },
    logits: [[4]],
  },
  { title: 'a fraction is refused', params: { percentile: 0.95 }, refused: 'percentile' },
  { title: 'all of the features are refused', params: { percentile: 100 }, refused: 'percentile' },
]);
