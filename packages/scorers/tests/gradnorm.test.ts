import { testScorer } from '@farout/testing';
import { gradnorm } from '../src/gradnorm.ts';

const head = {
  weight: [
    [1, -2, 0.5],
    [0, 1, 1],
    [-1, 0.5, 2],
    [0.25, 0, -1],
  ],
  bias: [0.1, -0.2, 0.3, 0],
};

/** Σ |∂L/∂W| by central differences of L = Σₖ −log softmax(W h + b)ₖ. */
function byDifferences(h: readonly number[], step = 1e-5): number {
  const loss = (weight: readonly (readonly number[])[]) => {
    const f = weight.map((row, k) => row.reduce((sum, w, d) => sum + w * h[d]!, head.bias[k]!));
    const logSum = Math.log(f.reduce((sum, each) => sum + Math.exp(each), 0));
    return f.reduce((sum, each) => sum + logSum - each, 0);
  };
  const moved = (k: number, d: number, by: number) =>
    head.weight.map((row, i) => row.map((w, j) => (i === k && j === d ? w + by : w)));
  let sum = 0;
  for (let k = 0; k < 4; k++) {
    for (let d = 0; d < 3; d++) sum += Math.abs(loss(moved(k, d, step)) - loss(moved(k, d, -step))) / (2 * step);
  }
  return sum;
}

testScorer(gradnorm, [
  {
    title: 'is the L1 norm of the gradient that differences of the loss show',
    features: [
      [1, -0.5, 0.25],
      [0, 2, 1],
      [-3, 0.5, 0.5],
    ],
    head,
    scores: [byDifferences([1, -0.5, 0.25]), byDifferences([0, 2, 1]), byDifferences([-3, 0.5, 0.5])],
  },
  {
    title: 'is that of the weights as the head applies them: to features divided by their length, where it does so',
    features: [[3, 0, 4]],
    head: { ...head, normalise: true },
    scores: [byDifferences([0.6, 0, 0.8])],
  },
  { title: 'equal logits score 0', logits: [[2, 2, 2]], scores: [0] },
  {
    title: 'a sure answer scores 2 (K − 1) times the sum of the features',
    logits: [[1000, 0, 0, 0]],
    scores: [2 * 3 * 1000],
  },
]);
