import { describe, expect, it } from '@jest/globals';
import { testScorer } from '@farout/testing';
import { klMatching } from '../src/kl-matching.ts';
import { learnBy } from './parts/learn-by.ts';

const logs = (p: readonly number[]) => p.map(Math.log);
const kl = (p: readonly number[], q: readonly number[]) =>
  p.reduce((sum, each, k) => sum + (each === 0 ? 0 : each * Math.log(each / q[k]!)), 0);

/** Two rows predicted as class 0, one as class 1, none as class 2. */
const fit = { features: [logs([0.5, 0.3, 0.2]), logs([0.7, 0.1, 0.2]), logs([0.2, 0.6, 0.2])] };
const typical = [
  [0.6, 0.2, 0.2],
  [0.2, 0.6, 0.2],
] as const;

testScorer(klMatching, [
  {
    title: 'is the divergence from the nearest mean of the images predicted as one class',
    fit,
    logits: [logs([0.5, 0.25, 0.25]), logs([0.3, 0.35, 0.35])],
    scores: [-kl([0.5, 0.25, 0.25], typical[0]), -kl([0.3, 0.35, 0.35], typical[1])],
  },
  {
    title: 'the nearest mean need not be that of the predicted class, and a typical image scores 0',
    fit: { features: [logs([0.4, 0.3, 0.3]), logs([0.05, 0.9, 0.05]), logs([0.1, 0.1, 0.8])] },
    logits: [logs([0.36, 0.37, 0.27]), logs([0.4, 0.3, 0.3])],
    scores: [-kl([0.36, 0.37, 0.27], [0.4, 0.3, 0.3]), 0],
  },
  {
    title: 'a class that no image is predicted as is infinitely far, but from one-hot probabilities',
    fit,
    logits: [logs([0.05, 0.05, 0.9]), [0, 0, 2000]],
    scores: [-Math.min(...typical.map((q) => kl([0.05, 0.05, 0.9], q))), 0],
  },
  {
    title: 'probabilities that are 0 add nothing, and are nowhere divided by',
    fit,
    logits: [[2000, 0, 0]],
    scores: [Math.log(0.6)],
  },
]);

describe('what kl-matching learns', () => {
  it('has one-hot probabilities for a class that no image is predicted as', async () => {
    const { zeros } = await learnBy(klMatching, {}, { logits: fit.features });
    expect([...zeros!.data]).toEqual([0, 0, 0, 0, 0, 0, 1, 1, 0]);
  });
});
