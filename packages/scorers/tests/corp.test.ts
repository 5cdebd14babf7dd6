import { testScorer } from '@farout/testing';
import { corp } from '../src/corp.ts';

testScorer(
  corp,
  [
    {
      title: 'directions of the fit set score 0 where the subspace has all its variance',
      params: { components: 64, ratio: 0.999 },
      fit: {
        features: [
          [1, 0],
          [0, 3],
        ],
      },
      features: [
        [5, 0],
        [0, 0.1],
      ],
      scores: [0, 0],
    },
    { title: 'γ = 0 is refused', params: { gamma: 0 }, refused: 'gamma' },
    { title: 'one component is refused', params: { components: 1 }, refused: 'components' },
    { title: 'a ratio of 1 is refused', params: { ratio: 1 }, refused: 'ratio' },
  ],
  { params: { components: 48, ratio: 0.9 } },
);
