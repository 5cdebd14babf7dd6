import { describe, expect, it } from '@jest/globals';
import { fpr95 } from '@farout/metrics';
import { testMetric } from '@farout/testing';
import { count, expectDefinition, valueOf } from './scored-sets.ts';

/** 0, 1, ... n − 1: each score is its own index. */
const ramp = (n: number) => Array.from({ length: n }, (_, i) => i);

describe('fpr95', () => {
  it('is the share of OOD above the ID score at 5 %, halves to the even index', () => {
    expectDefinition(fpr95, (id, ood) => {
      const whole = Math.floor(id.length / 20);
      const twentieths = id.length % 20;
      const up = twentieths > 10 || (twentieths === 10 && whole % 2 === 1);
      const threshold = [...id].sort((a, b) => (a < b ? -1 : 1))[up ? whole + 1 : whole]!;
      return count(ood, (score) => score > threshold) / ood.length;
    });
  });

  // Python: [round(0.05 * n) for n in (10, 30, 50, 70, 90, 110)] == [0, 2, 2, 4, 4, 6]
  it.each([
    [10, 0],
    [30, 2],
    [50, 2],
    [70, 4],
    [90, 4],
    [110, 6],
    [29, 1],
    [31, 2],
  ])('takes of %d ID scores the one at index %d', (images, index) => {
    const ood = ramp(10);
    expect(valueOf(fpr95, ramp(images), ood)).toBe(count(ood, (score) => score > index) / 10);
  });
});

testMetric(fpr95, [
  { title: 'an OOD score that equals the threshold is rejected', idScores: [5], oodScores: [5, 5, 6, 4], value: 0.25 },
  { title: 'a perfect separation gives 0', idScores: [2, 3], oodScores: [0, 1], value: 0 },
  { title: 'the reverse of it gives 1', idScores: [0, 1], oodScores: [2, 3], value: 1 },
  { title: 'equal scores give 0', idScores: [1, 1, 1], oodScores: [1, 1], value: 0 },
  { title: 'one score each, in reverse, gives 1', idScores: [0], oodScores: [1], value: 1 },
  { title: 'an infinite threshold gives 0', idScores: [Infinity], oodScores: [Infinity, 0], value: 0 },
]);
