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
  { title: 'a temperature of 0 is refused', params: { temperature: 0 }, refused: 'temperature' },
  { title: 'a negative magnitude is refused', params: { magnitude: -0.1 }, refused: 'magnitude' },
  { title: 'unknown units are refused', params: { units: 'inch' }, refused: 'units' },
]);
