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
    title: 'contributions are of what the head reads: features divided by their length, where it normalises',
    params: { percentile: 50 },
    // Divided: (0.6, 0.8, 0) and (0, 0, 1); the mean is (0.3, 0.4, 0.5).
    fit: {
      features: [
        [3, 4, 0],
        [0, 0, 7],
      ],
    },
    head: { ...head, normalise: true },
    // Contributions 0.3, 1.6, 0.5 and −0.3, 0.4, 1: 1.6, 0.5 and 1 lie above the median 0.45.
    features: [[2, 3, 6]],
    logits: [[(4 * 3 + 6) / 7 + 0.5, (2 * 6) / 7 - 0.5]],
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
