import { testScorer } from '@farout/testing';
import { msp } from '../src/msp.ts';
import { goldenCases } from './parts/golden-cases.ts';

testScorer(msp, [
  { title: 'equal logits score one in K', logits: [[2, 2, 2, 2]], scores: [1 / 4] },
  { title: 'logits are log odds', logits: [[Math.log(3), 0]], scores: [3 / 4] },
  { title: 'a constant added to all logits changes nothing', logits: [[5001, 5000]], scores: [Math.E / (Math.E + 1)] },
  { title: 'one large logit scores 1', logits: [[1000, -1000, 0]], scores: [1] },
  ...goldenCases('msp'),
]);
