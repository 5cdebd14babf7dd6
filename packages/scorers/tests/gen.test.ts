import { testScorer } from '@farout/testing';
import { gen } from '../src/gen.ts';

/** −Σ pᵞ (1 − p)ᵞ of logits, M of the largest p; 1 − p is the sum of the others. */
function reference(logits: readonly number[], gamma: number, M = logits.length): number {
  const e = logits.map((f) => Math.exp(f - Math.max(...logits)));
  const sum = e.reduce((a, b) => a + b);
  const terms = e.map((own, k) => [own, e.reduce((rest, each, j) => (j === k ? rest : rest + each), 0)] as const);
  const largest = terms.toSorted(([a], [b]) => b - a).slice(0, M);
  return -largest.reduce((score, [own, rest]) => score + ((own / sum) * (rest / sum)) ** gamma, 0);
}

testScorer(gen, [
  { title: 'two equal classes score −2 / 4ᵞ', logits: [[1, 1]], scores: [-2 / 4 ** 0.1] },
  {
    title: 'with γ = 1 it is Gini’s impurity, negated',
    params: { gamma: 1 },
    logits: [[Math.log(0.5), Math.log(0.3), Math.log(0.2)]],
    scores: [-(0.25 + 0.21 + 0.16)],
  },
  {
    title: 'the M largest probabilities count, in whatever order they come',
    params: { M: 2 },
    logits: [
      [3, 1, 2, 0],
      [0, 2, 1, 3],
    ],
    scores: [reference([3, 2, 1, 0], 0.1, 2), reference([3, 2, 1, 0], 0.1, 2)],
  },
  {
    title: 'a sure image keeps its score: 1 − p is the sum of the others',
    logits: [[60, 20, 0]],
    scores: [reference([60, 20, 0], 0.1)],
  },
  {
    title: 'of the largest of equals one is that of which 1 − p is summed',
    logits: [[5, 5, 5]],
    scores: [reference([5, 5, 5], 0.1)],
  },
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
    scores: [-2 / 4 ** 0.1],
  },
  { title: 'γ of 0 is refused', params: { gamma: 0 }, refused: 'gamma' },
  { title: 'γ above 10 is refused', params: { gamma: 11 }, refused: 'gamma' },
  { title: 'M of 0 is refused', params: { M: 0 }, refused: 'M' },
]);
