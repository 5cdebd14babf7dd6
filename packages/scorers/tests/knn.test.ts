import { expect, it } from '@jest/globals';
import type { FaroutError, RowContext, RowsScorer } from '@farout/core';
import { testScorer } from '@farout/testing';
import { knn } from '../src/knn.ts';
import { randomRows, scikitLearnCases } from './parts/scikit-learn.ts';

/** Directions in a plane, in degrees, of any length. */
const at = (degrees: number, length = 1) => [
  length * Math.cos((degrees * Math.PI) / 180),
  length * Math.sin((degrees * Math.PI) / 180),
];

/** The squared chord between two directions. */
const chord = (degrees: number) => 2 - 2 * Math.cos((degrees * Math.PI) / 180);

const fit = { features: [at(0, 3), at(20), at(50, 0.1), at(90, 2), at(120)] };

const wide = randomRows(40, 2048, 5);

testScorer(
  knn,
  [
    {
      title: 'with k = 1 it is minus the squared distance to the nearest direction',
      params: { k: 1 },
      fit,
      features: [at(4, 7), at(65), at(300)],
      scores: [-chord(4), -chord(15), -chord(60)],
    },
    {
      title: 'with k = 3 the third nearest counts',
      params: { k: 3 },
      fit,
      features: [at(4), at(65, 30), at(300)],
      scores: [-chord(46), -chord(45), -chord(110)],
    },
    {
      title: 'a row of the bank scores 0, the opposite of the whole bank −4',
      params: { k: 1 },
      fit: { features: [at(0)] },
      features: [at(0, 5), at(180)],
      scores: [0, -4],
    },
    {
      title: 'a row of zeros lies at distance 1 from every direction, and at 0 from one of zeros',
      params: { k: 2 },
      fit: { features: [at(0), [0, 0], at(10)] },
      features: [
        [0, 0],
        [1, 0],
      ],
      scores: [-1, -chord(10)],
    },
    {
      title: 'rows of the bank lie at themselves, with as many channels as ResNet-50 has',
      params: { k: 1 },
      fit: { features: wide },
      features: wide,
      scores: wide.map(() => 0),
    },
    ...scikitLearnCases(),
    { title: 'k = 0 is refused', params: { k: 0 }, refused: 'k' },
    { title: 'half a neighbour is refused', params: { k: 1.5 }, refused: 'k' },
  ],
  { params: { k: 5 } },
);

it('refuses a bank of fewer rows than neighbours, and says what to do', async () => {
  const at = { bank: { count: 36 }, signal: new AbortController().signal } as RowContext;
  const error = await (knn as RowsScorer)
    .rows({ k: 50 })
    .prepare(at)
    .catch((reason: unknown) => reason as FaroutError);
  expect(error).toMatchObject({
    code: 'OOD_DETECTOR_FAILED',
    message: 'it searches for 50 neighbours, but its bank has only 36 rows',
    fix: 'Use more fit images, or a smaller k.',
  });
});
