import { testHook } from '@farout/testing';
import { scale } from '../src/scale.ts';

const scaled = (features: readonly number[], r: number) => features.map((h) => h * Math.exp(r));
const ten = [10, 9, 8, 7, 6, 5, 4, 3, 2, 1];
const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);

testHook(scale, [
  {
    title: 'all features are multiplied by e to the power of the sum of all over that of the largest half',
    params: { percentile: 50 },
    features: [
      [4, 1, 3, 2],
      [3, 3, 0, 6],
    ],
    logits: [scaled([4, 1, 3, 2], 10 / 7), scaled([3, 3, 0, 6], 12 / 9)],
  },
  {
    title: 'of equals at the cut exactly k count',
    params: { percentile: 75 },
    features: [[2, 2, 2, 2]],
    logits: [scaled([2, 2, 2, 2], 4)],
  },
  {
    title: 'from the quantile up all equals count',
    params: { percentile: 75, largest: 'quantile' },
    features: [[2, 2, 2, 2]],
    logits: [scaled([2, 2, 2, 2], 1)],
  },
  // The 75th percentile of ten lies between the 7th and the 8th from below; the higher one is 8, so that 8, 9 and 10 count; 10 − round(7.5) = 2.
  {
    title: 'from the quantile up one more may count than of a count',
    params: { percentile: 75, largest: 'quantile' },
    features: [ten],
    logits: [scaled(ten, 55 / 27)],
  },
  { title: 'of a count it does not', params: { percentile: 75 }, features: [ten], logits: [scaled(ten, 55 / 19)] },
  {
    title: 'with p = 0 all are multiplied by e',
    params: { percentile: 0 },
    features: [[4, -1]],
    logits: [scaled([4, -1], 1)],
  },
  { title: 'features that are all 0 stay so', features: [[0, 0, 0, 0]], logits: [[0, 0, 0, 0]] },
  {
    title: 'an exponent above 64 counts as 64, so that logits stay finite',
    params: { percentile: 99 },
    features: [Array.from(hundred, () => 1)],
    logits: [Array.from(hundred, () => Math.exp(64))],
  },
  {
    title: 'below it nothing is cut off',
    params: { percentile: 98 },
    features: [hundred],
    logits: [scaled(hundred, 5050 / 199)],
  },
  { title: 'another way to find the largest is refused', params: { largest: 'all' }, refused: 'largest' },
  { title: 'a fraction is refused', params: { percentile: 0.85 }, refused: 'percentile' },
  { title: 'all of the features are refused', params: { percentile: 100 }, refused: 'percentile' },
]);
