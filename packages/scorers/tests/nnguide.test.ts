import { testScorer } from '@farout/testing';
import { nnguide } from '../src/nnguide.ts';

/** Two units are two logits: the energy of (a, b). */
const energy = (a: number, b: number) => Math.log(Math.exp(a) + Math.exp(b));
const r = Math.SQRT1_2;

testScorer(
  nnguide,
  [
    {
      title: 'with k = 1 it is the energy times the largest product with a guide, whose length is its own energy',
      params: { k: 1, share: 1 },
      fit: {
        features: [
          [3, 0],
          [0, 4],
          [1, 1],
        ],
      },
      features: [
        [2, 0],
        [1, 1],
        [0, 1],
      ],
      scores: [
        energy(2, 0) * energy(3, 0),
        energy(1, 1) * Math.max(r * energy(0, 4), energy(1, 1)),
        energy(0, 1) * energy(0, 4),
      ],
    },
    {
      title: 'the mean is over the k largest products',
      params: { k: 2, share: 1 },
      fit: {
        features: [
          [3, 0],
          [0, 4],
          [1, 1],
        ],
      },
      features: [[2, 0]],
      scores: [(energy(2, 0) * (energy(3, 0) + r * energy(1, 1))) / 2],
    },
    {
      title: 'a share of a half draws two of four images, which here are alike',
      params: { k: 2, share: 0.5 },
      fit: { features: [4, 4, 4, 4].map((a) => [a, 0]) },
      features: [[1, 0]],
      scores: [energy(1, 0) * energy(4, 0)],
    },
    {
      title: 'a row of zeros has no direction',
      params: { k: 1, share: 1 },
      fit: { features: [[1, 0]] },
      features: [[0, 0]],
      scores: [0],
    },
    { title: 'k = 0 is refused', params: { k: 0 }, refused: 'k' },
    { title: 'a share of 0 is refused', params: { share: 0 }, refused: 'share' },
    { title: 'a share in percent is refused', params: { share: 10 }, refused: 'share' },
  ],
  { params: { k: 3, share: 0.5 } },
);
