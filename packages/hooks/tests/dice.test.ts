import { testHook } from '@farout/testing';
import { dice } from '../src/dice.ts';

/** Mean features 2, 1 and 3: contributions 2, 4, 3 and −2, 1, 6. */
const fit = {
  features: [
    [1, 2, 3],
    [3, 0, 3],
  ],
};
const head = {
  weight: [
    [1, 4, 1],
    [-1, 1, 2],
  ],
  bias: [0.5, -0.5],
};

testHook(dice, [
  {
    title: 'the weights whose contribution lies above the percentile stay, with the bias',
    params: { percentile: 50 },
    fit,
    head,
    // The median of −2, 1, 2, 3, 4, 6 is 2.5.
    features: [[10, 100, 1000]],
    logits: [[400 + 1000 + 0.5, 2000 - 0.5]],
  },
  {
    title: 'a contribution that is the percentile itself drops out',
    params: { percentile: 40 },
    fit,
    head,
    features: [[10, 100, 1000]],
    logits: [[400 + 1000 + 0.5, 2000 - 0.5]],
  },
  {
    title: 'with p = 0 the least contribution drops out, and nothing else',
    params: { percentile: 0 },
    fit,
    head,
    features: [[10, 100, 1000]],
    logits: [[10 + 400 + 1000 + 0.5, 100 + 2000 - 0.5]],
  },
  {
    title: 'contributions keep their sign: large negative ones go first',
    params: { percentile: 34 },
    fit: { features: [[1, 1]] },
    head: {
      weight: [
        [-9, 1],
        [2, 3],
      ],
      bias: [0, 0],
    },
    features: [[1, 1]],
    logits: [[0, 5]],
  },
  { title: 'a fraction is refused', params: { percentile: 0.7 }, refused: 'percentile' },
  { title: 'all of the weights are refused', params: { percentile: 100 }, refused: 'percentile' },
]);
