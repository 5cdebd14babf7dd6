import { describe, expect, it } from '@jest/globals';
import { averagePrecisionOut } from '@oodkit/metrics';
import { count, expectDefinition, valueOf } from './scored-sets.ts';

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

  it.each([
    { title: 'perfect separation', id: [2, 3], ood: [0, 1], value: 1 },
    { title: 'the reverse of it', id: [0, 1], ood: [2, 3], value: 5 / 12 },
    { title: 'all scores tied', id: [1, 1, 1], ood: [1, 1], value: 0.4 },
    { title: 'one score each', id: [1], ood: [0], value: 1 },
  ])('gives $value for $title', ({ id, ood, value }) => {
    expect(valueOf(averagePrecisionOut, id, ood)).toBeCloseTo(value, 14);
  });
});
