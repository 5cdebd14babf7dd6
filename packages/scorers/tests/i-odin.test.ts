import { testScorer } from '@farout/testing';
import { iOdin } from '../src/i-odin.ts';

/** A green pixel of the kit's images has a quarter of its row's brightness, and its row is a logit: it alone is moved, by ε. */
const share = 0.25;

/** The loss depends most on the predicted class, whose logit a step raises. */
const afterStep = (winner: number, others: readonly number[], { eps = 0.0014, T = 1000 }) =>
  1 / (1 + others.reduce((sum, other) => sum + Math.exp((other - (winner + share * eps)) / T), 0));

testScorer(iOdin, [
  {
    title: 'with magnitude 0 it is the largest softmax probability at temperature T',
    params: { magnitude: 0, temperature: 2 },
    logits: [[4, 2, 0]],
    scores: [1 / (1 + Math.exp(-1) + Math.exp(-2))],
  },
  {
    title: 'one pixel alone is moved, towards a surer answer',
    params: { magnitude: 4, temperature: 1 },
    logits: [
      [2, 0, 1],
      [-3, -2, 1],
    ],
    scores: [afterStep(2, [0, 1], { eps: 4, T: 1 }), afterStep(1, [-3, -2], { eps: 4, T: 1 })],
  },
  {
    title: 'it need not be one of the predicted class: of equal derivatives the first is moved',
    params: { magnitude: 4, temperature: 1 },
    logits: [[0, 2]],
    scores: [1 / (1 + Math.exp(0 - share * 4 - 2))],
  },
  {
    title: 'defaults are T = 1000 and a step of 0.0014',
    logits: [[30, 10, 20]],
    scores: [afterStep(30, [10, 20], {})],
  },
  {
    title: 'a head decides which unit is moved, and in which direction',
    params: { magnitude: 4, temperature: 1, units: 'normalised' },
    features: [[1, 1]],
    head: {
      weight: [
        [1, 0],
        [0, -3],
      ],
      bias: [0, 0],
    },
    // f = (1, −3); the derivatives of the loss are p₂ · (−1, −3): the second unit is raised.
    scores: [1 / (1 + Math.exp(-3 * (1 + share * 4) - 1))],
  },
  { title: 'a temperature of 0 is refused', params: { temperature: 0 }, refused: 'temperature' },
  { title: 'a negative magnitude is refused', params: { magnitude: -0.1 }, refused: 'magnitude' },
  { title: 'unknown units are refused', params: { units: 'inch' }, refused: 'units' },
]);
