import { describe, expect, it } from '@jest/globals';
import { testScorer } from '@farout/testing';
import { rmds } from '../src/rmds.ts';
import { generated, learnFrom } from './parts/fitted.ts';
import { gaussianScores, permuted, scaled } from './parts/plain-loops.ts';

const { features, labels, head } = generated(1, [60, 5, 3]);
const fit = { features, labels };
const test = generated(2, [8, 5, 3]).features;

const scores = test.map(gaussianScores(features, labels, 3).relative);
const order = [3, 0, 4, 2, 1];

testScorer(rmds, [
  {
    // Two classes of two rows at ±1 about 0 and 4: the variance is 1 within them, and 5 about 2.
    title: 'the distance to the nearest class counts less that to all images',
    fit: { features: [[-1], [1], [3], [5]], labels: [0, 0, 1, 1] },
    head: { weight: [[0], [1]], bias: [2, 0] },
    features: [[0], [2], [7]],
    scores: [4 / 5, -4, -9 + 5],
  },
  { title: 'it is what plain loops give', fit, head, features: test, scores },
  {
    title: 'no unit of the features matters: features that are all 32 times as large score the same',
    fit: { labels, features: scaled(features, 32) },
    head,
    features: scaled(test, 32),
    scores,
  },
  {
    title: 'the order of the units does not matter',
    fit: { labels, features: permuted(features, order) },
    head: { weight: permuted(head.weight, order), bias: head.bias },
    features: permuted(test, order),
    scores,
  },
  {
    // The variances are 1 and 1 + 2⁻¹⁰; each of the distances is about 10⁶.
    title: 'what is left of two large distances keeps its digits',
    fit: { features: [[-1], [1], [-1 + 1 / 16], [1 + 1 / 16]], labels: [0, 0, 1, 1] },
    head: { weight: [[0], [1]], bias: [2, 0] },
    features: [[1024]],
    scores: [-((1024 - 1 / 16) ** 2) + (1024 - 1 / 32) ** 2 / (1 + 2 ** -10)],
  },
]);

describe('rmds', () => {
  it('refuses a network of one class, of which every image would score 0', async () => {
    const one = { weight: head.weight.slice(0, 1), bias: head.bias.slice(0, 1) };
    await expect(learnFrom(rmds, { features, labels: labels.map(() => 0), head: one })).rejects.toMatchObject({
      code: 'OOD_DETECTOR_FAILED',
      message: 'the network has only one class, whose Gaussian is that of all images',
    });
  });

  it('refuses a fit set without images of a class', async () => {
    const known = labels.map((label) => label % 1);
    await expect(learnFrom(rmds, { features, head, labels: known })).rejects.toMatchObject({
      code: 'OOD_DETECTOR_FAILED',
      message: "the fit set has no image of class 1 and 1 more of the network's 3",
    });
  });
});
