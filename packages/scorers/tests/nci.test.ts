import { testScorer } from '@farout/testing';
import { nci } from '../src/nci.ts';

const head = {
  weight: [
    [2, 1],
    [0, 4],
  ],
  bias: [0, 0],
};

/** Its mean is (1, 1). */
const fit = {
  features: [
    [0, 2],
    [2, 0],
  ],
};

testScorer(nci, [
  {
    title: 'is the length of the weights along the features seen from the mean, and α of their size',
    params: { alpha: 0.5 },
    fit,
    features: [
      [4, 5],
      [4, -3],
    ],
    head,
    scores: [(0 * 3 + 4 * 4) / 5 + 0.5 * 9, (2 * 3 - 1 * 4) / 5 + 0.5 * 7],
  },
  { title: 'α is 0.0001', fit, features: [[4, 5]], head, scores: [16 / 5 + 9e-4] },
  {
    title: 'with α = 0 it is the direction alone that counts',
    params: { alpha: 0 },
    fit,
    features: [
      [4, 5],
      [1 + 3e3, 1 + 4e3],
    ],
    head,
    scores: [16 / 5, 16 / 5],
  },
  { title: 'the mean itself has no direction', params: { alpha: 0 }, fit, features: [[1, 1]], head, scores: [0] },
  { title: 'a negative α is refused', params: { alpha: -1 }, refused: 'alpha' },
]);
