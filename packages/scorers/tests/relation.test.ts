import { testScorer } from '@farout/testing';
import { relation } from '../src/relation.ts';
import { generated, logitsOf, type Numbers } from './parts/fitted.ts';
import { permuted, scaled } from './parts/plain-loops.ts';

const { features, head } = generated(1, [60, 6, 3]);
const test = generated(2, [8, 6, 3]).features;
const order = [3, 0, 4, 2, 5, 1];

const dot = (x: readonly number[], y: readonly number[]) => x.reduce((sum, value, d) => sum + value * y[d]!, 0);
const softmax = (f: readonly number[]) => {
  const e = f.map((z) => Math.exp(z - Math.max(...f)));
  return e.map((each) => each / e.reduce((sum, other) => sum + other));
};
const points = (rows: Numbers) => {
  const shares = logitsOf({ features: rows, head }).map(softmax);
  return rows.map((h, n) => ({ unit: h.map((value) => value / Math.hypot(...h)), share: shares[n]! }));
};
const bank = points(features);
/** Σ kᵖ over k > t. */
const scores = (power: number, threshold: number) =>
  points(test).map(({ unit, share }) => {
    const relations = bank.map((other) => Math.max(dot(unit, other.unit), 0) * dot(share, other.share));
    return relations.filter((k) => k > threshold).reduce((sum, k) => sum + k ** power, 0);
  });

/** Three images, of which the network knows nothing: each class is as likely. */
const few = { fit: { features: [[1, 0], [0, 1], [-1, 0]] }, head: { weight: [[0, 0], [0, 0]], bias: [0, 0] } }; // prettier-ignore

testScorer(relation, [
  {
    title: 'a relation is the cosine, not below 0, times the product of the predictions, here 1 / 2',
    ...few,
    features: [
      [1, 0],
      [3, 4],
    ],
    scores: [1 / 2, (0.6 + 0.8) / 2],
  },
  {
    title: 'relations up to the threshold do not count',
    ...few,
    params: { threshold: 0.35 },
    features: [[3, 4]],
    scores: [0.8 / 2],
  },
  {
    title: 'the power is one of the whole relation',
    ...few,
    params: { power: 2 },
    features: [[3, 4]],
    scores: [0.3 ** 2 + 0.4 ** 2],
  },
  {
    title: 'images that are predicted otherwise have no relation',
    fit: { features: [[1000, 1], [1, 1000]] }, // prettier-ignore
    features: [[1000, 1]],
    scores: [1],
  },
  { title: 'it is what plain loops give', fit: { features }, head, features: test, scores: scores(1, 0.03) },
  {
    title: 'it is what plain loops give with other parameters, too',
    params: { power: 4, threshold: 0.2 },
    fit: { features },
    head,
    features: test,
    scores: scores(4, 0.2),
  },
  {
    title: 'the unit of the features does not matter',
    fit: { features: scaled(features, 32) },
    head: { weight: scaled(head.weight, 1 / 32), bias: head.bias },
    features: scaled(test, 32),
    scores: scores(1, 0.03),
  },
  {
    title: 'the order of the units does not matter',
    fit: { features: permuted(features, order) },
    head: { weight: permuted(head.weight, order), bias: head.bias },
    features: permuted(test, order),
    scores: scores(1, 0.03),
  },
  {
    title: 'features of zeros point nowhere and score 0',
    ...few,
    features: [[0, 0]],
    scores: [0],
  },
  { title: 'a power of 0 is refused', params: { power: 0 }, refused: 'power' },
  { title: 'a threshold above all relations is refused', params: { threshold: 1.5 }, refused: 'threshold' },
]);
