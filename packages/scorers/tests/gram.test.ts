import { testScorer } from '@farout/testing';
import { gram } from '../src/gram.ts';

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
  { draws: true, params: { images: 4 } },
);
