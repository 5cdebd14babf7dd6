import { testScorer } from '@farout/testing';
import { energy } from '../src/energy.ts';
import { goldenCases } from './parts/golden-cases.ts';

testScorer(energy, [
  { title: 'two equal logits score log 2', logits: [[0, 0]], scores: [Math.log(2)] },
  { title: 'T multiplies the score', params: { temperature: 2 }, logits: [[0, 0]], scores: [2 * Math.log(2)] },
  {
    title: 'logits are divided by T before they are exponentiated',
    params: { temperature: 2 },
    logits: [[2, 4, 6]],
    scores: [2 * Math.log(Math.exp(1) + Math.exp(2) + Math.exp(3))],
  },
  { title: 'large logits keep their precision', logits: [[1000, 1000]], scores: [1000 + Math.log(2)] },
  { title: 'one class scores its logit', logits: [[-3], [7]], scores: [-3, 7] },
  { title: 'a temperature of 0 is refused', params: { temperature: 0 }, refused: 'temperature' },
  { title: 'a negative temperature is refused', params: { temperature: -1 }, refused: 'temperature' },
  ...goldenCases('energy'),
]);
