import { testScorer } from '@farout/testing';
import { mahalanobisEnsemble } from '../src/mahalanobis-ensemble.ts';

/** Two classes about 0 and 10 in one unit, each with variance 1. */
const fit = {
  features: [[-1], [1], [9], [11]],
  labels: [0, 0, 1, 1],
};
const head = { weight: [[-1], [1]], bias: [5, -5] };

testScorer(mahalanobisEnsemble, [
  {
    title: 'unmoved, each tap gives half the squared distance to the nearest class, in deviations',
    params: { magnitude: 0, taps: ['stem', 'layer4'] },
    fit,
    features: [[0], [3], [8], [5]],
    head,
    scores: [0, -9, -4, -25],
  },
  {
    title: 'an image is moved towards the nearest class before',
    params: { magnitude: 0.5, taps: ['layer4'] },
    fit,
    features: [[3], [8]],
    head,
    scores: [-(2.5 ** 2) / 2, -(1.5 ** 2) / 2],
  },
  { title: 'a negative magnitude is refused', params: { magnitude: -1 }, refused: 'magnitude' },
  { title: 'no tap is refused', params: { taps: [] }, refused: 'taps' },
]);
