import { describe, expect, it } from '@jest/globals';
import { auprIn } from '@oodkit/metrics';
import { count, distinct, expectDefinition, valueOf } from './scored-sets.ts';

describe('aupr-in', () => {
  it('is the area of the trapezoids under precision over recall, ID positive, from the origin on', () => {
    expectDefinition(auprIn, (id, ood) => {
      const points = distinct(id, ood)
        .reverse()
        .map((threshold) => {
          const right = count(id, (score) => score >= threshold);
          const wrong = count(ood, (score) => score >= threshold);
          return { recall: right / id.length, precision: right / (right + wrong) };
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

  it.each([
    { title: 'perfect separation', id: [2, 3], ood: [0, 1], value: 0.75 },
    { title: 'the reverse of it', id: [0, 1], ood: [2, 3], value: 7 / 24 },
    { title: 'all scores tied', id: [1, 1, 1], ood: [1, 1], value: 0.3 },
    { title: 'one score each', id: [1], ood: [0], value: 0.5 },
  ])('gives $value for $title', ({ id, ood, value }) => {
    expect(valueOf(auprIn, id, ood)).toBeCloseTo(value, 14);
  });
});
