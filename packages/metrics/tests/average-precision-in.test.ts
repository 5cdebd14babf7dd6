import { describe, it } from '@jest/globals';
import { averagePrecisionIn } from '@farout/metrics';
import { testMetric } from '@farout/testing';
import { count, expectDefinition } from './scored-sets.ts';

describe('average-precision-in', () => {
  it('is the mean over the ID scores of the precision at each of them', () => {
    expectDefinition(averagePrecisionIn, (id, ood) => {
      let sum = 0;
      for (const threshold of id) {
        const right = count(id, (score) => score >= threshold);
        const wrong = count(ood, (score) => score >= threshold);
        sum += right / (right + wrong);
      }
      return sum / id.length;
    });
  });
});

testMetric(averagePrecisionIn, [
  { title: 'a perfect separation gives 1', idScores: [2, 3], oodScores: [0, 1], value: 1 },
  { title: 'the reverse of it gives 5/12', idScores: [0, 1], oodScores: [2, 3], value: 5 / 12 },
  { title: 'equal scores give 0.6', idScores: [1, 1, 1], oodScores: [1, 1], value: 0.6 },
  { title: 'one score each, in order, gives 1', idScores: [1], oodScores: [0], value: 1 },
]);
