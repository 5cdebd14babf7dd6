import { testScorer } from '@farout/testing';
import { odin } from '../src/odin.ts';

/** The kit's images are their logits: a step raises the predicted class's logit by ε and lowers all others by ε. */
const afterStep = (winner: number, others: readonly number[], { eps = 0.005, T = 1000 }) =>
  1 / (1 + others.reduce((sum, other) => sum + Math.exp((other - eps - (winner + eps)) / T), 0));

testScorer(odin, [
  {
    title: 'with magnitude 0 it is the largest softmax probability at temperature T',
    params: { magnitude: 0, temperature: 2 },
    logits: [[4, 2, 0]],
    scores: [1 / (1 + Math.exp(-1) + Math.exp(-2))],
  },
  {
    title: 'the step makes the predicted class surer',
    params: { magnitude: 0.5, temperature: 1 },
    logits: [
      [2, 0],
      [-3, 1],
    ],
    scores: [afterStep(2, [0], { eps: 0.5, T: 1 }), afterStep(1, [-3], { eps: 0.5, T: 1 })],
  },
  {
    title: 'defaults are T = 1000 and a step of 0.005',
    logits: [[30, 10, 20]],
    scores: [afterStep(30, [10, 20], {})],
  },
  {
    title: 'a step in pixels is divided by the standard deviation, here 1',
    params: { magnitude: 0.5, temperature: 1, units: 'pixel' },
    logits: [[2, 0]],
    scores: [afterStep(2, [0], { eps: 0.5, T: 1 })],
  },
  {
    title: 'of logits that the temperature makes one in float32, the larger alone is the class of the loss',
    params: { magnitude: 50 },
    logits: [
      [10, 10.00005, 3],
      [10.00005, 10, 3],
      [3, 10, 10.00005],
      [10, 10.00002, 10.00004],
    ],
    scores: [
      afterStep(10.00005, [10, 3], { eps: 50 }),
      afterStep(10.00005, [10, 3], { eps: 50 }),
      afterStep(10.00005, [10, 3], { eps: 50 }),
      afterStep(10.00004, [10, 10.00002], { eps: 50 }),
    ],
  },
  {
    title: 'of equal logits the first alone is the class of the loss',
    params: { magnitude: 50, temperature: 100 },
    logits: [
      [10, 10, 3],
      [5, 5, 5],
    ],
    scores: [afterStep(10, [10, 3], { eps: 50, T: 100 }), afterStep(5, [5, 5], { eps: 50, T: 100 })],
  },
  {
    title: 'a class that a bias of −∞ masks has no part in it',
    params: { magnitude: 0.5, temperature: 2 },
    features: [[1, 3, 9]],
    head: {
      weight: [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ],
      bias: [0, 0, -Infinity],
    },
    scores: [afterStep(3, [1], { eps: 0.5, T: 2 })],
  },
  { title: 'a temperature of 0 is refused', params: { temperature: 0 }, refused: 'temperature' },
  { title: 'a negative magnitude is refused', params: { magnitude: -0.1 }, refused: 'magnitude' },
  { title: 'unknown units are refused', params: { units: 'inch' }, refused: 'units' },
]);
