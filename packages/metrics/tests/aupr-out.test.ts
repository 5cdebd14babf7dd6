import { describe, it } from '@jest/globals';
import { auprOut } from '@farout/metrics';
import { testMetric } from '@farout/testing';
import { count, distinct, expectDefinition } from './scored-sets.ts';

describe('aupr-out', () => {
  it('is the area of the trapezoids under precision over recall, OOD positive, from the origin on', () => {
    expectDefinition(auprOut, (id, ood) => {
      const points = distinct(id, ood).map((threshold) => {
        const right = count(ood, (score) => score <= threshold);
        const wrong = count(id, (score) => score <= threshold);
        return { recall: right / ood.length, precision: right / (right + wrong) };
      });
      let area = 0;
      let last = { recall: 0, precision: 0 };
      for (const point of points) {
        area += ((point.recall - last.recall) * (point.precision + last.precision)) / 2;
        last = point;
      }
      return area;
    });
  });
});

testMetric(auprOut, [
  { title: 'a perfect separation gives 0.75', idScores: [2, 3], oodScores: [0, 1], value: 0.75 },
  { title: 'the reverse of it gives 7/24', idScores: [0, 1], oodScores: [2, 3], value: 7 / 24 },
  { title: 'equal scores give 0.2', idScores: [1, 1, 1], oodScores: [1, 1], value: 0.2 },
  { title: 'one score each, in order, gives 0.5', idScores: [1], oodScores: [0], value: 0.5 },
]);
