import { describe, expect, it } from '@jest/globals';
import { testScorer } from '@farout/testing';
import { caref } from '../src/caref.ts';
import { refusal } from './parts/learn-by.ts';

/** Predicted are 0, 0 and 1: the means are (3, 1) and (0, 2). */
const fit = {
  features: [
    [2, 0],
    [4, 2],
    [0, 2],
  ],
};

testScorer(caref, [
  {
    title: 'is the distance from the mean of the predicted class, relative to the size',
    fit,
    logits: [
      [5, 1],
      [-1, 3],
      [3, 1],
    ],
    scores: [-2 / 6, -2 / 4, 0],
  },
  {
    title: 'scaled features score the same',
    fit: { features: fit.features.map((row) => row.map((h) => 8 * h)) },
    logits: [
      [40, 8],
      [-8, 24],
    ],
    scores: [-2 / 6, -2 / 4],
  },
  {
    title: 'labels have no part in it',
    fit: { ...fit, labels: [1, 0, 0] },
    logits: [[5, 1]],
    scores: [-2 / 6],
  },
]);

describe('what caref learns from', () => {
  it('must have an image predicted as each class', async () => {
    const error = await refusal(caref, {}, { logits: fit.features.slice(0, 2) });
    expect(error.code).toBe('OOD_DETECTOR_FAILED');
    expect(error.message).toContain('caref needs an image predicted as each class');
    expect(error.message).toContain('1 of 2 classes have too few: 1');
  });
});
