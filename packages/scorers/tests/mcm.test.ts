import { testScorer } from '@farout/testing';
import { mcm } from '../src/mcm.ts';

const softmaxMax = (cosines: readonly number[], tau = 1) =>
  1 / cosines.reduce((sum, c) => sum + Math.exp((c - Math.max(...cosines)) / tau), 0);

const head = {
  weight: [
    [100, 0],
    [0, 100],
    [-60, 80],
  ],
  bias: [5, -5, 0],
};

testScorer(mcm, [
  {
    title: 'the cosines know neither lengths nor scale nor bias',
    features: [
      [3, 4],
      [0.3, 0.4],
    ],
    head,
    scores: [softmaxMax([0.6, 0.8, 0.28]), softmaxMax([0.6, 0.8, 0.28])],
  },
  {
    title: 'τ divides them',
    params: { tau: 0.01 },
    features: [[3, 4]],
    head,
    scores: [softmaxMax([0.6, 0.8, 0.28], 0.01)],
  },
  {
    title: 'a head that normalises them makes no difference',
    features: [[3, 4]],
    head: { ...head, normalise: true },
    scores: [softmaxMax([0.6, 0.8, 0.28])],
  },
  { title: 'features of zeros are like no class more than like another', features: [[0, 0]], head, scores: [1 / 3] },
  { title: 'τ of 0 is refused', params: { tau: 0 }, refused: 'tau' },
]);
