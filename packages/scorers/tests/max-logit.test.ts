import { testScorer } from '@farout/testing';
import { maxLogit } from '../src/max-logit.ts';
import { goldenCases } from './parts/golden-cases.ts';

testScorer(maxLogit, [
  {
    title: 'each image scores its largest logit',
    logits: [
      [1, 3, 2],
      [-5, -4, -6],
    ],
    scores: [3, -4],
  },
  {
    title: 'logits are those of the head',
    features: [[1, 2]],
    head: {
      weight: [
        [1, 0],
        [0, 1],
        [1, 1],
      ],
      bias: [0, 0, 0.5],
    },
    scores: [3.5],
  },
  ...goldenCases('max-logit'),
]);
