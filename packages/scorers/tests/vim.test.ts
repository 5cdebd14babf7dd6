import { describe, expect, it } from '@jest/globals';
import { testScorer } from '@farout/testing';
import { vim } from '../src/vim.ts';
import { generated, learnFrom, logitsOf, type Numbers } from './parts/fitted.ts';
import { permuted, scaled } from './parts/plain-loops.ts';
import { residualLengths } from './parts/residual-lengths.ts';

const fit = generated(1, [60, 6, 3]);
const { features, head } = fit;
const test = generated(2, [8, 6, 3]).features;
const order = [3, 0, 4, 2, 5, 1];

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const logits = (rows: Numbers) => logitsOf({ features: rows, head });
const energies = logits(test).map((f) => Math.log(sum(f.map(Math.exp))));
const alpha = sum(logits(features).map((f) => Math.max(...f))) / sum(residualLengths(fit, features, 2));
const scores = residualLengths(fit, test, 2).map((length, n) => energies[n]! - alpha * length);

testScorer(
  vim,
  [
    {
      // The second channel is left over: Σ max f = 2 + 0 + 1 + 0 and Σ |h₂| = 0 + 0 + 1 + 1, so that α = 3 / 2.
      title: 'a virtual logit is on average as large as the largest logit of the fit set',
      fit: { features: [[2, 0], [-2, 0], [0, 1], [0, -1]] }, // prettier-ignore
      head: { weight: [[1, 0], [0, 1]], bias: [0, 0] }, // prettier-ignore
      features: [[3, 4]],
      scores: [Math.log(Math.exp(3) + Math.exp(4)) - 1.5 * 4],
    },
    { title: 'it is what plain loops give', params: { dimension: 2 }, fit: { features }, head, features: test, scores },
    {
      title: 'features whose directions are all principal score their energy',
      params: { dimension: 6 },
      fit: { features },
      head,
      features: test,
      scores: energies,
    },
    {
      title: 'the unit of the features does not matter: α takes it out',
      params: { dimension: 2 },
      fit: { features: scaled(features, 32) },
      head: { weight: scaled(head.weight, 1 / 32), bias: head.bias },
      features: scaled(test, 32),
      scores,
    },
    {
      title: 'the order of the units does not matter',
      params: { dimension: 2 },
      fit: { features: permuted(features, order) },
      head: { weight: permuted(head.weight, order), bias: head.bias },
      features: permuted(test, order),
      scores,
    },
    { title: 'a space of no dimension is refused', params: { dimension: 0 }, refused: 'dimension' },
  ],
  // A smaller principal space has not all of the kit's classes.
  { params: { dimension: 6 } },
);

describe('vim', () => {
  it.each([
    ['more dimensions than channels', features, 7, 'the features have 6 channels'],
    ['more dimensions than images', features.slice(0, 3), 4, 'the 3 images of the fit set span 3 directions'],
  ])('refuses a principal space of %s', async (_, rows: Numbers, dimension, why) => {
    const given = { ...fit, features: rows, labels: fit.labels.slice(0, rows.length) };
    await expect(learnFrom(vim, given, { dimension })).rejects.toMatchObject({
      code: 'OOD_DETECTOR_FAILED',
      message: `a principal space of ${dimension} dimensions leaves no residual: ${why}`,
    });
  });

  it('refuses a network that masks a class', async () => {
    const masked = { ...fit, head: { ...head, bias: head.bias.map((b, k) => (k === 1 ? -Infinity : b)) } };
    await expect(learnFrom(vim, masked, { dimension: 2 })).rejects.toMatchObject({
      code: 'OOD_DETECTOR_FAILED',
      message: 'it needs the point where all logits are 0, but the network masks class 1 with a bias of −∞',
    });
  });
});
