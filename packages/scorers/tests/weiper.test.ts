import { testScorer } from '@farout/testing';
import { weiper } from '../src/weiper.ts';

testScorer(
  weiper,
  [
    {
      title: 'with one class every probability is 1; an image of a fit set of one like it differs in nothing',
      params: { repeats: 3, smoothing: 1, smoothingPerturbed: 1, lambda2: 0.5 },
      fit: { features: [[1, 2, 4]] },
      head: { weight: [[1, 1, 1]], bias: [0] },
      features: [[1, 2, 4]],
      scores: [0.5],
    },
    { title: 'no perturbation is refused', params: { repeats: 0 }, refused: 'repeats' },
    { title: 'a distance of 0 is refused', params: { distance: 0 }, refused: 'distance' },
    { title: 'one bin is refused', params: { bins: 1 }, refused: 'bins' },
    { title: 'a mean over no bin is refused', params: { smoothing: 0 }, refused: 'smoothing' },
    { title: 'a negative weight is refused', params: { lambda1: -1 }, refused: 'lambda1' },
  ],
  { params: { repeats: 2 } },
);
