import { describe, expect, it } from '@jest/globals';
import { testScorer } from '@farout/testing';
import { neco } from '../src/neco.ts';
import { generated, learnFrom, logitsOf, type Numbers } from './parts/fitted.ts';
import { covarianceOf, eigenvectors, meanOf, permuted } from './parts/plain-loops.ts';

const fit = generated(1, [60, 6, 3]);
const { features, head } = fit;
const test = generated(2, [8, 6, 3]).features;
const order = [3, 0, 4, 2, 5, 1];

const mean = meanOf(features);
const about = (rows: Numbers) => rows.map((h) => h.map((value, d) => value - mean[d]!));
const deviation = covarianceOf(about(features)).map((row, d) => Math.sqrt(row[d]!));
const standardised = (rows: Numbers) => about(rows).map((h) => h.map((value, d) => value / deviation[d]!));
const principal = eigenvectors(covarianceOf(standardised(features))).slice(0, 2);
const ratios = standardised(test).map((h) => {
  const shares = principal.map((direction) => direction.reduce((sum, each, d) => sum + each * h[d]!, 0));
  return Math.hypot(...shares) / Math.hypot(...h);
});
const largest = logitsOf({ features: test, head }).map((f) => Math.max(...f));
const scores = ratios.map((ratio, n) => ratio * largest[n]!);

/** Units of powers of two, one a channel. */
const units = [1, 2, 4, 1 / 2, 8, 1 / 4];
const inUnits = (rows: Numbers): Numbers => rows.map((h) => h.map((value, d) => value * units[d]!));

/** Both channels vary by 1 about 0, and together more than against each other: the diagonal is principal. */
const diagonal = { features: [[1, 1], [-1, -1], [1, 1], [-1, -1], [1, -1], [-1, 1]] }; // prettier-ignore
const unit = { weight: [[1, 0], [0, 1]], bias: [0, 0] }; // prettier-ignore

testScorer(neco, [
  {
    title:
      'the share of the principal directions multiplies the largest logit, of two channels one when nothing is said',
    fit: diagonal,
    head: unit,
    features: [
      [2, 2],
      [3, -3],
      [4, 0],
    ],
    scores: [2, 0, 4 * Math.SQRT1_2],
  },
  {
    title: 'without the largest logit it is that share',
    params: { maxLogit: false },
    fit: diagonal,
    head: unit,
    features: [
      [2, 2],
      [4, 0],
    ],
    scores: [1, Math.SQRT1_2],
  },
  { title: 'it is what plain loops give', params: { dimension: 2 }, fit, head, features: test, scores },
  {
    title: 'where all directions are principal it is the largest logit',
    params: { dimension: 6 },
    fit,
    head,
    features: test,
    scores: largest,
  },
  {
    title: 'the unit of no channel matters: each is standardised',
    params: { dimension: 2 },
    fit: { features: inUnits(features) },
    head: { weight: head.weight.map((w) => w.map((each, d) => each / units[d]!)), bias: head.bias },
    features: inUnits(test),
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
  {
    // Its standardised value is 4: the length is 5, of which 3 lie along the diagonal.
    title: 'a channel that never varies in the fit set is taken as it is',
    params: { dimension: 1, maxLogit: false },
    fit: { features: diagonal.features.map((h) => [...h, 7]) },
    head: { weight: [[1, 0, 0]], bias: [0] },
    features: [[3 * Math.SQRT1_2, 3 * Math.SQRT1_2, 11]],
    scores: [3 / 5],
  },
  {
    title: 'features at the mean have no direction and score 0',
    fit: diagonal,
    head: unit,
    features: [[0, 0]],
    scores: [0],
  },
  { title: 'a space of no dimension is refused', params: { dimension: 0 }, refused: 'dimension' },
]);

describe('neco', () => {
  it.each([
    ['more dimensions than channels', features, 7, 'the features have 6 channels'],
    ['as many dimensions as images', features.slice(0, 3), 3, 'the 3 images of the fit set span fewer'],
  ])('refuses %s', async (_, rows: Numbers, dimension, why) => {
    const given = { ...fit, features: rows, labels: fit.labels.slice(0, rows.length) };
    await expect(learnFrom(neco, given, { dimension })).rejects.toMatchObject({
      code: 'OOD_DETECTOR_FAILED',
      message: `there are no ${dimension} principal directions: ${why}`,
      fix: 'Use a smaller dimension, or fit on more images.',
    });
  });
});
