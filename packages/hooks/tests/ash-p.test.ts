import { testHook } from '@farout/testing';
import { ashP } from '../src/ash-p.ts';

testHook(ashP, [
  {
    title: 'half of the features stay, the largest ones, in their places',
    params: { percentile: 50 },
    features: [
      [4, 1, 3, 2],
      [-1, -2, -3, -4],
    ],
    logits: [
      [4, 0, 3, 0],
      [-1, -2, 0, 0],
    ],
  },
  {
    title: 'of equals at the cut the first ones stay, so that exactly k are left',
    params: { percentile: 50 },
    features: [[2, 2, 2, 2]],
    logits: [[2, 2, 0, 0]],
  },
  { title: 'p = 0 changes nothing', params: { percentile: 0 }, features: [[4, -1, 0]], logits: [[4, -1, 0]] },
  {
    title: 'half a feature is rounded to the even number, as numpy does: of 5 at 50 % two are pruned, of 3 two',
    params: { percentile: 50 },
    features: [[1, 2, 3, 4, 5]],
    logits: [[0, 0, 3, 4, 5]],
  },
  { title: 'of 3 at 50 % two are pruned', params: { percentile: 50 }, features: [[1, 2, 3]], logits: [[0, 0, 3]] },
  {
    title: 'the head reads what is left',
    params: { percentile: 50 },
    features: [[1, 3]],
    head: { weight: [[10, 2]], bias: [0.25] },
    logits: [[2 * 3 + 0.25]],
  },
  { title: 'a fraction is refused', params: { percentile: 0.9 }, refused: 'percentile' },
  { title: 'all of the features are refused', params: { percentile: 100 }, refused: 'percentile' },
  { title: 'less than none is refused', params: { percentile: -1 }, refused: 'percentile' },
]);
