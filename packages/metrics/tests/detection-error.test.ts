import { describe, it } from '@jest/globals';
import { detectionError } from '@farout/metrics';
import { testMetric } from '@farout/testing';
import { count, distinct, expectDefinition } from './scored-sets.ts';

describe('detection-error', () => {
  it('is the smallest share of wrong decisions over all thresholds, rejecting everything among them', () => {
    expectDefinition(detectionError, (id, ood) => {
      const wrong = distinct(id, ood).map(
        (threshold) => count(id, (score) => score < threshold) + count(ood, (score) => score >= threshold),
      );
      return Math.min(id.length, ...wrong) / (id.length + ood.length);
    });
  });
});

testMetric(detectionError, [
  { title: 'a perfect separation gives 0', idScores: [2, 3], oodScores: [0, 1], value: 0 },
  { title: 'the reverse of it gives 0.5', idScores: [0, 1], oodScores: [2, 3], value: 0.5 },
  {
    title: 'the reverse of it with little ID: everything is rejected',
    idScores: [0],
    oodScores: [2, 3, 4],
    value: 0.25,
  },
  {
    title: 'the reverse of it with little OOD: everything is accepted',
    idScores: [0, 1, 2],
    oodScores: [3],
    value: 0.25,
  },
  { title: 'equal scores give 0.4', idScores: [1, 1, 1], oodScores: [1, 1], value: 0.4 },
  { title: 'one score each, in order, gives 0', idScores: [1], oodScores: [0], value: 0 },
]);
