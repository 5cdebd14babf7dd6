import { describe, expect, it } from '@jest/globals';
import { detectionError } from '@oodkit/metrics';
import { count, distinct, expectDefinition, valueOf } from './scored-sets.ts';

describe('detection-error', () => {
  it('is the smallest share of wrong decisions over all thresholds, rejecting everything among them', () => {
    expectDefinition(detectionError, (id, ood) => {
      const wrong = distinct(id, ood).map(
        (threshold) => count(id, (score) => score < threshold) + count(ood, (score) => score >= threshold),
      );
      return Math.min(id.length, ...wrong) / (id.length + ood.length);
    });
  });

  it.each([
    { title: 'perfect separation', id: [2, 3], ood: [0, 1], value: 0 },
    { title: 'the reverse of it', id: [0, 1], ood: [2, 3], value: 0.5 },
    { title: 'the reverse of it with little ID: everything is rejected', id: [0], ood: [2, 3, 4], value: 0.25 },
    { title: 'the reverse of it with little OOD: everything is accepted', id: [0, 1, 2], ood: [3], value: 0.25 },
    { title: 'all scores tied', id: [1, 1, 1], ood: [1, 1], value: 0.4 },
    { title: 'one score each', id: [1], ood: [0], value: 0 },
  ])('gives $value for $title', ({ id, ood, value }) => {
    expect(valueOf(detectionError, id, ood)).toBe(value);
  });
});
