import { testScorer } from '@farout/testing';
import { describe, it } from 'vitest';
import { scorer } from '../src/my-scorer.ts';

testScorer(
  scorer,
  [
    { title: 'two equal logits score −log 2', logits: [[0, 0]], scores: [-Math.log(2)] },
    {
      title: 'probabilities of 3/4 and 1/4 score their negative entropy',
      logits: [[Math.log(3), 0]],
      scores: [0.75 * Math.log(0.75) + 0.25 * Math.log(0.25)],
    },
    { title: 'a sure image scores 0', logits: [[1000, 0]], scores: [0] },
    {
      title: 'T divides the logits',
      params: { temperature: 2 },
      logits: [[2 * Math.log(3), 0]],
      scores: [0.75 * Math.log(0.75) + 0.25 * Math.log(0.25)],
    },
    { title: 'a temperature of 0 is refused', params: { temperature: 0 }, refused: 'temperature' },
  ],
  { describe, it },
);
