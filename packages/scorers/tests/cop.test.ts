import { testScorer } from '@farout/testing';
import { cop } from '../src/cop.ts';

/** Directions in the plane of the first two units: the third never varies. */
const flat = {
  features: [
    [3, 0, 0],
    [0, 5, 0],
    [-0.1, 0, 0],
    [0, -7, 0],
  ],
};

testScorer(
  cop,
  [
    {
      title: 'a direction of the plane in which the fit set varies scores 0, one across it minus its height',
      fit: flat,
      features: [
        [6, 8, 0],
        [0, 0, 2],
        [3, 0, 4],
        [0, 0, 0],
      ],
      scores: [0, -1, -0.8, 0],
    },
    {
      title: 'a small ratio keeps the first axis alone',
      params: { ratio: 0.5 },
      fit: {
        features: [
          [1, 0],
          [-1, 0],
          [2, 0],
          [-3, 0],
          [0, 1],
          [0, -1],
        ],
      },
      features: [
        [5, 0],
        [0, 5],
        [3, 4],
      ],
      scores: [0, -1, -0.8],
    },
    {
      title: 'the mean is taken off before',
      params: { ratio: 0.99 },
      fit: {
        features: [
          [3, 4, 0],
          [-3, 4, 0],
        ],
      },
      features: [
        [0, 1, 0],
        [0, 0, 1],
      ],
      scores: [-0.2, -Math.hypot(0.8, 1)],
    },
    { title: 'a ratio of 1 is refused: all directions leave nothing', params: { ratio: 1 }, refused: 'ratio' },
    { title: 'a ratio in percent is refused', params: { ratio: 99 }, refused: 'ratio' },
  ],
  { params: { ratio: 0.8 } },
);
