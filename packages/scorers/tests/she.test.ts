import { describe, expect, it } from '@jest/globals';
import { testScorer } from '@farout/testing';
import { she } from '../src/she.ts';
import { refusal } from './parts/learn-by.ts';

/** Row 2 is classified wrongly: the patterns are (3, 1) and (0, 2). */
const fit = {
  features: [
    [2, 0],
    [4, 2],
    [9, 0],
    [0, 2],
  ],
  labels: [0, 0, 1, 1],
};
const logits = [
  [4, 1],
  [1, 3],
];

testScorer(she, [
  {
    title: 'is the inner product with the mean of the correctly classified images of the predicted class',
    fit,
    logits,
    scores: [13, 6],
  },
  {
    title: 'or the cosine',
    params: { metric: 'cosine' },
    fit,
    logits,
    scores: [13 / Math.sqrt(17 * 10), 3 / Math.sqrt(10)],
  },
  {
    title: 'or the distance, negated',
    params: { metric: 'euclidean' },
    fit,
    logits,
    scores: [-1, -Math.sqrt(2)],
  },
  { title: 'features of zeros have the cosine 0', params: { metric: 'cosine' }, fit, logits: [[0, 0]], scores: [0] },
  { title: 'an unknown metric is refused', params: { metric: 'manhattan' }, refused: 'metric' },
]);

describe('what she learns from', () => {
  it('must have a correctly classified image of each class', async () => {
    const error = await refusal(she, {}, { logits: fit.features, labels: [0, 0, 1, 0] });
    expect(error.code).toBe('OOD_DETECTOR_FAILED');
    expect(error.message).toContain('1 of 2 classes');
    expect(error.fix).toContain('larger fit set');
  });
});
