import { describe, it } from '@jest/globals';
import { averagePrecisionOut } from '@farout/metrics';
import { testMetric } from '@farout/testing';
import { count, expectDefinition } from './scored-sets.ts';

describe('average-precision-out', () => {
  it('is the mean over the OOD scores of the precision at each of them', () => {
    expectDefinition(averagePrecisionOut, (id, ood) => {
      let sum = 0;
      for (const threshold of ood) {
        const right = count(ood, (score) => score <= threshold);
        const wrong = count(id, (score) => score <= threshold);
        sum += right / (right + wrong);
      }
      return sum / ood.length;
    });
  });
});

testMetric(averagePrecisionOut, [
  { title: 'a perfect separation gives 1', idScores: [2, 3], oodScores: [0, 1], value: 1 },
  { title: 'the reverse of it gives 5/12', idScores: [0, 1], oodScores: [2, 3], value: 5 / 12 },
  { title: 'equal scores give 0.4', idScores: [1, 1, 1], oodScores: [1, 1], value: 0.4 },
  { title: 'one score each, in order, gives 1', idScores: [1], oodScores: [0], value: 1 },
]);
