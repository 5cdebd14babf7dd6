import { describe, it } from 'node:test';
import { testScorer } from '@farout/testing';
import { nearestNeighbours } from '../src/nearest-neighbours.js';

/** Numbers between −1 and 1 that look random and are the same in every run. */
const matrix = (rows, width, seed) =>
  Array.from({ length: rows }, (_, row) =>
    Array.from({ length: width }, (_, column) => Math.sin(seed + 12.9898 * row + 78.233 * column)),
  );

const unit = (row) => row.map((value) => value / Math.sqrt(row.reduce((sum, each) => sum + each * each, 0)));

/** The formula with every distance computed and sorted, without a tree. */
const expected = (fitted, features, k) =>
  features.map((row) => {
    const distances = fitted.map((other) => Math.hypot(...unit(row).map((value, d) => value - unit(other)[d])));
    return -distances.sort((a, b) => a - b)[k - 1];
  });

const fitted = matrix(300, 5, 1);
const features = matrix(20, 5, 2);

const cases = [
  {
    title: 'only the direction counts',
    params: { k: 1 },
    fit: { features: [[1, 0]] },
    features: [
      [7, 0],
      [0, 2],
      [-3, 0],
    ],
    scores: [0, -Math.SQRT2, -2],
  },
  {
    title: 'the tree finds the k-th neighbour that sorting finds',
    params: { k: 7 },
    fit: { features: fitted },
    features,
    scores: expected(fitted, features, 7),
  },
  {
    title: 'the bank holds images that are evenly spread over the fit set',
    params: { k: 3, bank: 100 },
    fit: { features: fitted },
    features,
    scores: expected(
      fitted.filter((_, index) => index % 3 === 0),
      features,
      3,
    ),
  },
  {
    title: 'the farthest counts where there are fewer than k',
    params: { k: 9 },
    fit: { features: fitted.slice(0, 4) },
    features,
    scores: expected(fitted.slice(0, 4), features, 4),
  },
  {
    title: 'features that are all 0 have no direction and are 1 away from any',
    params: { k: 1 },
    fit: { features: [[1, 0]] },
    features: [[0, 0]],
    scores: [-1],
  },
  { title: 'a k of 0 is refused', params: { k: 0 }, refused: 'k' },
  { title: 'an empty bank is refused', params: { bank: 0 }, refused: 'bank' },
];

testScorer(nearestNeighbours, cases, { describe, it });
