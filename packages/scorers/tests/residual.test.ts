import { describe, expect, it } from '@jest/globals';
import { testScorer } from '@farout/testing';
import { residual } from '../src/residual.ts';
import { generated, learnFrom, type Numbers } from './parts/fitted.ts';
import { permuted, scaled } from './parts/plain-loops.ts';
import { residualLengths } from './parts/residual-lengths.ts';

/** The plane's first axis is the principal one about the origin. */
const flat = [
  [2, 0],
  [-2, 0],
  [0, 1],
  [0, -1],
];
const unit = { weight: [[1, 0], [0, 1]], bias: [0, 0] }; // prettier-ignore

const fit = generated(1, [60, 6, 3]);
const { features, head } = fit;
const test = generated(2, [8, 6, 3]).features;
const scores = residualLengths(fit, test, 2).map((length) => -length);
const order = [3, 0, 4, 2, 5, 1];

testScorer(
  residual,
  [
    {
      title: 'it is the distance to the principal direction, of two channels one when nothing is said',
      fit: { features: flat },
      head: unit,
      features: [
        [3, 4],
        [7, 0],
      ],
      scores: [-4, 0],
    },
    {
      title: 'directions go through the point where all logits are 0, not through the mean',
      fit: { features: flat.map(([x, y]) => [x! + 3, y! + 5]) },
      head: { ...unit, bias: [-3, -5] },
      features: [[6, 9]],
      scores: [-4],
    },
    { title: 'it is what plain loops give', params: { dimension: 2 }, fit: { features }, head, features: test, scores },
    {
      title: 'the score has the unit of the features',
      params: { dimension: 2 },
      fit: { features: scaled(features, 32) },
      head: { weight: head.weight, bias: head.bias.map((each) => 32 * each) },
      features: scaled(test, 32),
      scores: scores.map((score) => 32 * score),
    },
    {
      title: 'the order of the units does not matter',
      params: { dimension: 2 },
      fit: { features: permuted(features, order) },
      head: { weight: permuted(head.weight, order), bias: head.bias },
      features: permuted(test, order),
      scores,
    },
    {
      title: 'with fewer images than channels, what lies in no image counts whole',
      params: { dimension: 1 },
      fit: { features: [[0, 3, 0, 0], [0, -3, 0, 0], [1, 0, 0, 0]] }, // prettier-ignore
      head: { weight: [[1, 0, 0, 0]], bias: [0] },
      features: [[2, 9, 3, 6]],
      scores: [-7],
    },
    { title: 'a space of no dimension is refused', params: { dimension: 0 }, refused: 'dimension' },
    { title: 'half a dimension is refused', params: { dimension: 1.5 }, refused: 'dimension' },
  ],
  // Of the kit's images all but one direction tell the classes apart.
  { params: { dimension: 6 } },
);

describe('residual', () => {
  it.each([
    ['as many dimensions as channels', features, 6, 'the features have 6 channels'],
    ['more dimensions than images', features.slice(0, 3), 4, 'the 3 images of the fit set span 3 directions'],
  ])('refuses a principal space of %s', async (_, rows: Numbers, dimension, why) => {
    const given = { ...fit, features: rows, labels: fit.labels.slice(0, rows.length) };
    await expect(learnFrom(residual, given, { dimension })).rejects.toMatchObject({
      code: 'OOD_DETECTOR_FAILED',
      message: `a principal space of ${dimension} dimensions leaves no residual: ${why}`,
      fix: 'Use a smaller dimension, or fit on more images.',
    });
  });
});
