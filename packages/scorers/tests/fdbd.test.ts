import { testScorer } from '@farout/testing';
import { fdbd } from '../src/fdbd.ts';

const head = {
  weight: [
    [3, 0],
    [0, 4],
    [0, 0],
  ],
  bias: [0, 0, 1],
};

/** Its mean is (1, 1). */
const fit = {
  features: [
    [0, 2],
    [2, 0],
  ],
};

testScorer(fdbd, [
  {
    title: 'sums the distances to the boundaries, relative to the distance from the mean',
    fit,
    features: [
      [4, 5],
      [1, 0],
    ],
    head,
    // f = (12, 20, 1) and (3, 0, 1); the rows of the head are 5, 4 and 3 apart.
    scores: [(8 / 5 + 19 / 4) / 5, 3 / 5 + 2 / 3],
  },
  {
    title: 'measures where the head reads: features divided by their length, and the mean of such, where it normalises',
    fit,
    features: [[3, 4]],
    head: { ...head, normalise: true },
    // n = (0.6, 0.8), f = (1.8, 3.2, 1), and the mean of (0, 1) and (1, 0) is (0.5, 0.5).
    scores: [(1.4 / 5 + 2.2 / 4) / Math.hypot(0.1, 0.3)],
  },
  {
    title: 'relative to the length of the features, if that is wanted',
    params: { normaliser: 'norm' },
    fit,
    features: [[3, 4]],
    head,
    scores: [(7 / 5 + 15 / 4) / 5],
  },
  {
    title: 'a class with the weights of the predicted one adds nothing',
    fit,
    features: [[4, 5]],
    head: { weight: [...head.weight, [0, 4]], bias: [0, 0, 1, -3] },
    scores: [(8 / 5 + 19 / 4) / 5],
  },
  {
    title: 'a class that a bias of −∞ masks adds nothing',
    fit,
    features: [[4, 5]],
    head: { weight: [...head.weight, [1, 1]], bias: [0, 0, 1, -Infinity] },
    scores: [(8 / 5 + 19 / 4) / 5],
  },
  {
    title: 'scaled weights and biases leave it as it is',
    fit,
    features: [[4, 5]],
    head: { weight: head.weight.map((row) => row.map((w) => 8 * w)), bias: [0, 0, 8] },
    scores: [(8 / 5 + 19 / 4) / 5],
  },
  { title: 'an unknown normaliser is refused', params: { normaliser: 'max' }, refused: 'normaliser' },
]);
