import { testScorer } from '@farout/testing';
import { gen } from '../src/gen.ts';

/** The formula in plain loops: the M largest of the softmax, 1 − p summed up from the other probabilities, all in float64. */
function expected(logits: readonly number[], { gamma = 0.1, classes = 100 } = {}): number {
  const most = Math.max(...logits);
  const e = logits.map((logit) => Math.exp(logit - most)).sort((a, b) => b - a);
  const total = e.reduce((sum, each) => sum + each, 0);
  let entropy = 0;
  for (let k = 0; k < Math.min(classes, e.length); k++) {
    let rest = 0;
    for (let other = 0; other < e.length; other++) if (other !== k) rest += e[other]!;
    entropy += ((e[k]! / total) * (rest / total)) ** gamma;
  }
  return -entropy;
}

const rows = [
  [2, -1, 0.5, 3, -4],
  [0.1, 0.2, 0.3, 0.4, 0.5],
  [-3, 8, 1, 1, 7.5],
];
const scoresOf = (logits: readonly number[][], params?: Parameters<typeof expected>[1]) =>
  logits.map((row) => expected(row, params));

testScorer(gen, [
  { title: 'K equal logits score −K (1/K · (1 − 1/K))ᵞ', logits: [[1, 1]], scores: [-2 * 0.25 ** 0.1] },
  { title: 'all classes count where there are no more than M', logits: rows, scores: scoresOf(rows) },
  {
    title: 'only the M largest probabilities count',
    params: { classes: 2 },
    logits: rows,
    scores: scoresOf(rows, { classes: 2 }),
  },
  { title: 'γ is an exponent', params: { gamma: 0.5 }, logits: rows, scores: scoresOf(rows, { gamma: 0.5 }) },
  {
    title: 'equal logits count no more than M times',
    params: { classes: 2 },
    logits: [
      [3, 1, 1, 1],
      [2, 2, 2, 0],
    ],
    scores: scoresOf(
      [
        [3, 1, 1, 1],
        [2, 2, 2, 0],
      ],
      { classes: 2 },
    ),
  },
  {
    title: 'images of which the network is sure stay apart where 1 − p is below float32’s digits',
    logits: [
      [30, 0, 0],
      [60, 0, 0],
    ],
    scores: scoresOf([
      [30, 0, 0],
      [60, 0, 0],
    ]),
  },
  { title: 'one class has no entropy', logits: [[5], [-7]], scores: [0, 0] },
  { title: 'a γ of 0 is refused', params: { gamma: 0 }, refused: 'gamma' },
  { title: 'a γ of 1 is refused', params: { gamma: 1 }, refused: 'gamma' },
  { title: 'no classes are refused', params: { classes: 0 }, refused: 'classes' },
]);
