import { describe, expect, it } from '@jest/globals';
import { fpr95OodPositive } from '@farout/metrics';
import { testMetric } from '@farout/testing';
import { count, distinct, expectDefinition, valueOf } from './scored-sets.ts';

describe('fpr95-ood-positive', () => {
  it('is the share of ID rejected at the lowest score that rejects 95 % of OOD', () => {
    expectDefinition(fpr95OodPositive, (id, ood) => {
      const enough = (threshold: number) => 20 * count(ood, (score) => score <= threshold) >= 19 * ood.length;
      const threshold = distinct(id, ood).find(enough)!;
      return count(id, (score) => score <= threshold) / id.length;
    });
  });

  it('is content with exactly 95 %', () => {
    const ood = Array.from({ length: 20 }, (_, i) => i);
    expect(valueOf(fpr95OodPositive, [18, 18.5, 19, 20], ood)).toBe(0.25);
  });

  it('keeps the points that scikit-learn drops by default as collinear', () => {
    // Every group holds one score of each set; with drop_intermediate=True only the last point remains, and it says 1.
    const scores = Array.from({ length: 40 }, (_, i) => i);
    expect(valueOf(fpr95OodPositive, scores, scores)).toBe(0.95);
  });
});

testMetric(fpr95OodPositive, [
  { title: 'a perfect separation gives 0', idScores: [2, 3], oodScores: [0, 1], value: 0 },
  { title: 'the reverse of it gives 1', idScores: [0, 1], oodScores: [2, 3], value: 1 },
  { title: 'equal scores give 1', idScores: [1, 1, 1], oodScores: [1, 1], value: 1 },
  { title: 'one score each, in order, gives 0', idScores: [1], oodScores: [0], value: 0 },
]);
