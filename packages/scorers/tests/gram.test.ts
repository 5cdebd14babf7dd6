import { expect, it } from '@jest/globals';
import { testScorer } from '@farout/testing';
import { gram } from '../src/gram.ts';
import { refusal } from './parts/learn-by.ts';

const tiny = 1e-6;

testScorer(
  gram,
  [
    {
      title:
        'what lies within the extremes of its class scores 0, else what lies outside by the probability of the class',
      params: { powers: 1 },
      fit: {
        features: [
          [2, 0],
          [2, 0],
          [0, 2],
          [0, 2],
        ],
        labels: [0, 0, 1, 1],
        readings: {
          gram: [
            [4, 1],
            [4, 1],
            [1, 4],
            [1, 4],
          ],
          layers: [[2], [2], [2], [2]],
        },
      },
      features: [
        [2, 0],
        [2, 0],
        [0, 3],
      ],
      readings: {
        gram: [
          [4, 1],
          [5, 0.5],
          [2, 4],
        ],
        layers: [[2], [2], [2]],
      },
      scores: [0, -(1 / (4 + tiny) + 0.5 / (1 + tiny)) * (1 + Math.exp(-2)), -(1 + Math.exp(-3)) / (1 + tiny)],
    },
    { title: 'no power is refused', params: { powers: 0 }, refused: 'powers' },
    { title: 'other maps are refused', params: { maps: 'images' }, refused: 'maps' },
    { title: 'one image of a class is refused: none would be held back', params: { images: 1 }, refused: 'images' },
  ],
  { params: { images: 4 } },
);

it('refuses a fit set without an image of some class', async () => {
  const given = { logits: [[1, 0, 0], [1, 0, 0]], labels: [0, 0] }; // prettier-ignore
  expect(await refusal(gram, {}, given)).toMatchObject({
    code: 'OOD_DETECTOR_FAILED',
    message: "the fit set has no image of class 1 and 1 more of the network's 3",
  });
});
