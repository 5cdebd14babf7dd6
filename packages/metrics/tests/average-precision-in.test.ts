import { describe, expect, it } from '@jest/globals';
import { averagePrecisionIn } from '@oodkit/metrics';
import { count, expectDefinition, valueOf } from './scored-sets.ts';

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

  it.each([
    { title: 'perfect separation', id: [2, 3], ood: [0, 1], value: 1 },
    { title: 'the reverse of it', id: [0, 1], ood: [2, 3], value: 5 / 12 },
    { title: 'all scores tied', id: [1, 1, 1], ood: [1, 1], value: 0.6 },
    { title: 'one score each', id: [1], ood: [0], value: 1 },
  ])('gives $value for $title', ({ id, ood, value }) => {
    expect(valueOf(averagePrecisionIn, id, ood)).toBeCloseTo(value, 14);
  });
});
