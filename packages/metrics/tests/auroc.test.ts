import { describe, expect, it } from '@jest/globals';
import { auroc } from '@farout/metrics';
import { testMetric } from '@farout/testing';
import { expectDefinition, valueOf } from './scored-sets.ts';

describe('auroc', () => {
  it('is the share of pairs in order, a tie counting one half', () => {
    expectDefinition(auroc, (id, ood) => {
      let pairs = 0;
      for (const i of id) for (const o of ood) pairs += i > o ? 1 : i === o ? 0.5 : 0;
      return pairs / (id.length * ood.length);
    });
  });

  it('rounds once: a third of a pair is the nearest number to 1/3', () => {
    expect(valueOf(auroc, [1], [0, 2, 3])).toBe(1 / 3);
  });
});

testMetric(auroc, [
  { title: 'a perfect separation gives 1', idScores: [2, 3], oodScores: [0, 1], value: 1 },
  { title: 'the reverse of it gives 0', idScores: [0, 1], oodScores: [2, 3], value: 0 },
  { title: 'equal scores give 0.5', idScores: [1, 1, 1], oodScores: [1, 1], value: 0.5 },
  { title: 'one score each, in order, gives 1', idScores: [1], oodScores: [0], value: 1 },
  {
    title: 'infinities of both sets give 0.625',
    idScores: [Infinity, 0],
    oodScores: [Infinity, -Infinity],
    value: 0.625,
  },
]);
