import { testHook } from '@farout/testing';
import { bats } from '../src/bats.ts';

/** Means 2 and 10, standard deviations 1 and 4. */
const fit = {
  features: [
    [1, 6],
    [3, 14],
  ],
};

testHook(bats, [
  {
    title: 'each feature is clipped to its own range, 1.25 standard deviations about its mean',
    fit,
    features: [
      [5, 20],
      [-5, 0],
      [2.5, 11],
    ],
    logits: [
      [3.25, 15],
      [0.75, 5],
      [2.5, 11],
    ],
  },
  {
    title: 'λ is the half width of the range',
    params: { lambda: 2 },
    fit,
    features: [[5, 0]],
    logits: [[4, 2]],
  },
  { title: 'a wide range changes nothing', params: { lambda: 1e6 }, fit, features: [[5, -20]], logits: [[5, -20]] },
  {
    title: 'a feature that is always the same becomes what it was',
    fit: {
      features: [
        [0, 1],
        [0, 3],
      ],
    },
    features: [[7, 2]],
    logits: [[0, 2]],
  },
  { title: 'a range without width is refused', params: { lambda: 0 }, refused: 'lambda' },
]);
