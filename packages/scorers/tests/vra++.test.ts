import { testScorer } from '@farout/testing';
import { vraPlusPlus } from '../src/vra++.ts';

testScorer(vraPlusPlus, [
  {
    title: 'the energy reads rectified features, the distance the features themselves',
    params: { low: 0.5, high: 2, a: 0.25, m: 1 },
    features: [[0.25, 1, 5]],
    head: { weight: [[10, 2, 1]], bias: [0.5] },
    // Rectified (0, 1, 2); squares 0.5625, 0 and 16.
    scores: [4 + 0.5 - 0.25 * 16.5625],
  },
  {
    title: 'a head that normalises reads rectified features divided by their length',
    params: { low: 0.5, high: 4, a: 0.25, m: 1 },
    features: [[0.25, 3, 5]],
    head: { weight: [[10, 2, 1]], bias: [0.5], normalise: true },
    // Rectified (0, 3, 4); squares 0.5625, 4 and 16.
    scores: [2 * 0.6 + 0.8 + 0.5 - 0.25 * 20.5625],
  },
  {
    title: 'a = 0 leaves the energy of the rectified features',
    params: { a: 0 },
    features: [
      [0.5, 0.5],
      [0.1, 9],
    ],
    scores: [0.5 + Math.log(2), Math.log(1 + Math.exp(0.8))],
  },
  {
    title: 'far thresholds leave the energy less the distance',
    params: { low: -1e6, high: 1e6, a: 1, m: 0 },
    features: [[3, -4]],
    scores: [Math.log(Math.exp(3) + Math.exp(-4)) - 25],
  },
  { title: 'features at the thresholds stay', params: { low: 1, high: 1, a: 0 }, features: [[1]], scores: [1] },
  { title: 'thresholds in the wrong order are refused', params: { low: 2, high: 1 }, refused: 'low' },
  { title: 'a negative weight is refused', params: { a: -1 }, refused: 'a' },
]);
