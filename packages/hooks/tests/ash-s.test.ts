import { testHook } from '@farout/testing';
import { ashS } from '../src/ash-s.ts';

const r = Math.exp(10 / 7);

testHook(ashS, [
  {
    title: 'the largest half stays, times e to the power of the sum of all over its own',
    params: { percentile: 50 },
    features: [[4, 1, 3, 2]],
    logits: [[4 * r, 0, 3 * r, 0]],
  },
  {
    title: 'of equals at the cut the first ones stay, and count half of the sum',
    params: { percentile: 50 },
    features: [[2, 2, 2, 2]],
    logits: [[2 * Math.exp(2), 2 * Math.exp(2), 0, 0]],
  },
  {
    title: 'with p = 0 all are multiplied by e',
    params: { percentile: 0 },
    features: [[4, -1, 0]],
    logits: [[4 * Math.E, -Math.E, 0]],
  },
  { title: 'features that are all 0 stay so', features: [[0, 0, 0, 0, 0]], logits: [[0, 0, 0, 0, 0]] },
  { title: 'a fraction is refused', params: { percentile: 0.9 }, refused: 'percentile' },
  { title: 'all of the features are refused', params: { percentile: 100 }, refused: 'percentile' },
]);
