import { testHook } from '@farout/testing';
import { ashB } from '../src/ash-b.ts';

testHook(ashB, [
  {
    title: 'the largest half shares the sum of all equally',
    params: { percentile: 50 },
    features: [
      [4, 1, 3, 2],
      [0, 0, 0, 0],
    ],
    logits: [
      [5, 0, 5, 0],
      [0, 0, 0, 0],
    ],
  },
  {
    title: 'of equals at the cut the first ones are filled, so that the sum stays',
    params: { percentile: 75 },
    features: [[2, 2, 2, 2]],
    logits: [[8, 0, 0, 0]],
  },
  { title: 'p = 0 gives each its mean', params: { percentile: 0 }, features: [[4, 1, 1]], logits: [[2, 2, 2]] },
  { title: 'a fraction is refused', params: { percentile: 0.65 }, refused: 'percentile' },
  { title: 'all of the features are refused', params: { percentile: 100 }, refused: 'percentile' },
]);
