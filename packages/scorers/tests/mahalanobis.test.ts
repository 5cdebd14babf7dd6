import { describe, expect, it } from '@jest/globals';
import { testScorer } from '@farout/testing';
import { mahalanobis } from '../src/mahalanobis.ts';
import { generated, learnFrom, type Numbers } from './parts/fitted.ts';
import { classStatistics, distance, gaussianScores, permuted, scaled } from './parts/plain-loops.ts';

/** Two classes about (0, 0) and (4, 0), within which the covariance is I / 2. */
const cross = [
  [1, 0],
  [-1, 0],
  [0, 1],
  [0, -1],
];
const crosses = {
  features: [...cross, ...cross.map(([x, y]) => [x! + 4, y!])],
  labels: [0, 0, 0, 0, 1, 1, 1, 1],
};

const { features, labels, head } = generated(1, [60, 5, 3]);
const fit = { features, labels };
const test = generated(2, [8, 5, 3]).features;

const { means, covariance } = classStatistics(features, labels, 3);
const { near } = gaussianScores(features, labels, 3);

const order = [3, 0, 4, 2, 1];
const shuffled = { weight: permuted(head.weight, order), bias: head.bias };

testScorer(mahalanobis, [
  {
    title: 'the distance is one to the nearest class, in units of the covariance within the classes',
    fit: crosses,
    features: [
      [1, 0],
      [3, 0],
      [2, 1],
      [0, 0],
    ],
    scores: [-2, -2, -10, 0],
  },
  {
    title: 'it is what plain loops give',
    fit,
    head,
    features: test,
    scores: test.map(near),
  },
  {
    title: 'no unit of the features matters: features that are all 32 times as large score the same',
    fit: { labels, features: scaled(features, 32) },
    head,
    features: scaled(test, 32),
    scores: test.map(near),
  },
  {
    title: 'the order of the units does not matter',
    fit: { labels, features: permuted(features, order) },
    head: shuffled,
    features: permuted(test, order),
    scores: test.map(near),
  },
  {
    title: 'a unit that never varies in the fit set does not count',
    fit: { ...crosses, features: crosses.features.map((h) => [...h, 3]) },
    head: { weight: [[1, 0, 0], [0, 1, 0]], bias: [0, 0] }, // prettier-ignore
    features: [[1, 0, 50]],
    scores: [-2],
  },
  {
    title: 'features far from 0 keep their digits',
    fit: { ...crosses, features: crosses.features.map(([x, y]) => [x! + 4096, y! - 4096]) },
    features: [[4097, -4096]],
    scores: [-2],
  },
  ...movedCases(),
  { title: 'a negative magnitude is refused', params: { magnitude: -0.1 }, refused: 'magnitude' },
  { title: 'unknown units are refused', params: { magnitude: 0.1, units: 'inch' }, refused: 'units' },
  {
    title: 'OOD images are refused where nothing is learnt from them',
    params: { against: 'noise' },
    refused: 'against',
  },
]);

/** The kit's images show their features, and their pixels have the standard deviation 1: a step moves each feature by ε. */
function movedCases() {
  const eps = 0.25;
  const moved = (h: readonly number[]) => {
    const k = means.map((mean) => -distance(h, mean, covariance)).indexOf(near(h));
    const slopes = h.map((value, d) => distance(h.with(d, value + 1e-3), means[k]!, covariance) - distance(h.with(d, value - 1e-3), means[k]!, covariance)); // prettier-ignore
    return near(h.map((value, d) => value - eps * Math.sign(slopes[d]!)));
  };
  const against = { features: generated(3, [30, 5, 3]).features.map((h) => h.map((value) => Math.fround(2 - value))) };
  const attacked = (h: readonly number[]) => {
    const f = head.weight.map((w, k) => w.reduce((sum, each, d) => sum + each * h[d]!, head.bias[k]!));
    const e = f.map((z) => Math.exp(z - Math.max(...f)));
    const total = e.reduce((sum, each) => sum + each);
    const top = f.indexOf(Math.max(...f));
    return h.map((value, d) => {
      const slope = head.weight.reduce((sum, w, k) => sum + (e[k]! / total - Number(k === top)) * w[d]!, 0);
      return Math.fround(value + 0.5 * Math.sign(slope));
    });
  };
  const given = { head, features: test, fit: { ...fit, against } };
  const own = features.map(moved);
  return [
    {
      ...given,
      title: 'moved images score the log odds of a regression against those of another set',
      params: { magnitude: eps, against: 'others' },
      scores: logOdds(own, against.features.map(moved), test.map(moved)),
    },
    {
      ...given,
      title: 'without such a set it is one against adversarial images',
      params: { magnitude: eps, attack: 0.5, units: 'normalised' },
      scores: logOdds(own, features.map(attacked).map(moved), test.map(moved)),
    },
  ];
}

/** The log odds that minimise the loss, found by halving steps downhill. */
function logOdds(own: readonly number[], other: readonly number[], values: readonly number[]): number[] {
  const all = [...own, ...other];
  const mean = all.reduce((sum, value) => sum + value) / all.length;
  const spread = Math.sqrt(all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / all.length);
  const standard = (value: number) => (value - mean) / spread;
  let [a, b] = [0, 0];
  for (let step = 0; step < 20_000; step++) {
    let [ga, gb] = [a, 0];
    for (const [n, value] of all.entries()) {
      const off = 1 / (1 + Math.exp(-a * standard(value) - b)) - Number(n < own.length);
      [ga, gb] = [ga + off * standard(value), gb + off];
    }
    [a, b] = [a - (2 * ga) / all.length, b - (2 * gb) / all.length];
  }
  return values.map((value) => a * standard(value) + b);
}

describe('mahalanobis', () => {
  it('refuses a fit set without images of a class, and says which', async () => {
    const known = labels.map((label) => Math.min(label, 1));
    await expect(learnFrom(mahalanobis, { features, head, labels: known })).rejects.toMatchObject({
      code: 'OOD_DETECTOR_FAILED',
      message: "the fit set has no image of class 2 of the network's 3",
      fix: 'Fit on images of every class.',
    });
  });

  it('refuses a fit set of which the images of a class are all alike', async () => {
    const alike: Numbers = labels.map((label) => [label, 1, 1, 1, 1]);
    await expect(learnFrom(mahalanobis, { features: alike, head, labels })).rejects.toMatchObject({
      code: 'OOD_DETECTOR_FAILED',
      message: 'the features of the fit set do not vary within their classes',
    });
  });
});
