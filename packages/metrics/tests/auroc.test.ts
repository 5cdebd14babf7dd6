import { describe, expect, it } from '@jest/globals';
import { auroc } from '@oodkit/metrics';
import { expectDefinition, valueOf } from './scored-sets.ts';

describe('auroc', () => {
  it('is the share of pairs in order, a tie counting one half', () => {
    expectDefinition(auroc, (id, ood) => {
      let pairs = 0;
      for (const i of id) for (const o of ood) pairs += i > o ? 1 : i === o ? 0.5 : 0;
      return pairs / (id.length * ood.length);
    });
  });

  it.each([
    { title: 'perfect separation', id: [2, 3], ood: [0, 1], value: 1 },
    { title: 'the reverse of it', id: [0, 1], ood: [2, 3], value: 0 },
    { title: 'all scores tied', id: [1, 1, 1], ood: [1, 1], value: 0.5 },
    { title: 'one score each', id: [1], ood: [0], value: 1 },
    { title: 'infinities of both sets', id: [Infinity, 0], ood: [Infinity, -Infinity], value: 0.625 },
  ])('gives $value for $title', ({ id, ood, value }) => {
    expect(valueOf(auroc, id, ood)).toBe(value);
  });

  it('rounds once: a third of a pair is the nearest number to 1/3', () => {
    expect(valueOf(auroc, [1], [0, 2, 3])).toBe(1 / 3);
  });
});
