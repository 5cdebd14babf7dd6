import { testScorer } from '@farout/testing';
import { rmdsPlusPlus } from '../src/rmds++.ts';
import { generated } from './parts/fitted.ts';
import { gaussianScores, permuted, scaled, unitRows } from './parts/plain-loops.ts';

const { features, labels, head } = generated(1, [60, 5, 3]);
const test = generated(2, [8, 5, 3]).features;
const scores = unitRows(test).map(gaussianScores(unitRows(features), labels, 3).relative);
const order = [3, 0, 4, 2, 1];

testScorer(rmdsPlusPlus, [
  {
    title: 'it is what plain loops give of features of length 1',
    fit: { features, labels },
    head,
    features: test,
    scores,
  },
  {
    title: 'the length of features does not matter, be it of one image',
    fit: { labels, features: features.map((h, n) => scaled([h], 2 ** (n % 5))[0]!) },
    head,
    features: scaled(test, 64),
    scores,
  },
  {
    title: 'the order of the units does not matter',
    fit: { labels, features: permuted(features, order) },
    head: { weight: permuted(head.weight, order), bias: head.bias },
    features: permuted(test, order),
    scores,
  },
]);
