import { testScorer } from '@farout/testing';
import { cadref } from '../src/cadref.ts';

type Row = readonly number[];

const head = {
  weight: [
    [1, -2, 0],
    [-1, 1, 3],
  ],
  bias: [0.5, 0],
};

const fit: readonly Row[] = [
  [3, 0, 0],
  [5, 0.5, 0],
  [0, 2, 1],
  [1, 1, 2],
  [0, 3, 3],
];

const logitsOf = (h: Row) => head.weight.map((w, k) => w.reduce((sum, each, d) => sum + each * h[d]!, head.bias[k]!));
const sum = (values: Row) => values.reduce((a, b) => a + b, 0);
const softmax = (f: Row) => f.map((each) => Math.exp(each) / sum(f.map(Math.exp)));

const energy = (f: Row) => Math.log(sum(f.map(Math.exp)));
const largest = (f: Row) => Math.max(...f);

/** The definition in plain loops. */
function reference(h: Row, sureness: (f: Row) => number): number {
  const predicted = (row: Row) => logitsOf(row).indexOf(largest(logitsOf(row)));
  const y = predicted(h);
  const own = fit.filter((row) => predicted(row) === y);
  const away = h.map((each, d) => each - sum(own.map((row) => row[d]!)) / own.length);
  const side = away.map((each, d) => each * Math.sign(head.weight[y]![d]!));
  const level = sum(fit.map((row) => sureness(logitsOf(row)))) / fit.length;
  const [towards, against] = [1, -1].map((sign) => sum(side.map((each) => Math.max(sign * each, 0))));
  return -(towards! / sureness(logitsOf(h)) + against! / level) / sum(h.map(Math.abs));
}

const features: readonly Row[] = [
  [4, 1, 2],
  [2, 0, 1],
  [-1, 3, 0.5],
  [0.5, 1, 1],
];

const scoresBy = (sureness: (f: Row) => number) => features.map((h) => reference(h, sureness));

testScorer(cadref, [
  { title: 'divides by the energy', fit: { features: fit }, features, head, scores: scoresBy(energy) },
  {
    title: 'or by the largest softmax probability',
    params: { logits: 'msp' },
    fit: { features: fit },
    features,
    head,
    scores: scoresBy((f) => largest(softmax(f))),
  },
  {
    title: 'or by the largest logit',
    params: { logits: 'max-logit' },
    fit: { features: fit },
    features,
    head,
    scores: scoresBy(largest),
  },
  {
    title: 'or by one over the generalised entropy',
    params: { logits: 'gen' },
    fit: { features: fit },
    features,
    head,
    scores: scoresBy((f) => 1 / sum(softmax(f).map((p) => (p * (1 - p)) ** 0.1))),
  },
  {
    title: 'the mean of the predicted class scores 0',
    fit: { features: fit },
    features: [[4, 0.25, 0]],
    head,
    scores: [0],
  },
  { title: 'unknown scores of logits are refused', params: { logits: 'odin' }, refused: 'logits' },
]);
