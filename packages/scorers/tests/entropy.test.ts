import { testScorer } from '@farout/testing';
import { entropy } from '../src/entropy.ts';

const nats = (p: readonly number[]) => p.reduce((sum, each) => sum + each * Math.log(each), 0);

testScorer(entropy, [
  { title: 'equal logits score −log K', logits: [[3, 3, 3, 3]], scores: [-Math.log(4)] },
  {
    title: 'logits are logarithms of probabilities, up to a constant',
    logits: [
      [Math.log(0.7), Math.log(0.2), Math.log(0.1)],
      [5 + Math.log(0.1), 5 + Math.log(0.2), 5 + Math.log(0.7)],
    ],
    scores: [nats([0.7, 0.2, 0.1]), nats([0.7, 0.2, 0.1])],
  },
  { title: 'of logits that are far apart it is 0 and not NaN', logits: [[0, 500, 1000]], scores: [0] },
  {
    title: 'a class that a bias of −∞ masks has no part in it',
    features: [[1, 1, 9]],
    head: {
      weight: [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ],
      bias: [0, 0, -Infinity],
    },
    scores: [-Math.log(2)],
  },
  { title: 'one class scores 0', logits: [[-3], [7]], scores: [0, 0] },
]);
