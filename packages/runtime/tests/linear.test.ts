import { describe, expect, it } from '@jest/globals';
import { input } from '@farout/tensor';
import { evaluate } from '@farout/runtime';
import fc from 'fast-check';
import { at, build, difference, numbers } from './parts/plain.ts';
import { forAll } from './parts/property.ts';

const size = fc.integer({ min: 1, max: 6 });

describe('linear', () => {
  it('is x · weightᵀ + bias', async () => {
    await forAll(fc.tuple(size, size, size), async ([n, d, k], seed) => {
      const feeds = { x: numbers([n, d], seed), weight: numbers([k, d], seed + 1), bias: numbers([k], seed + 2) };
      const logits = input('x', ['N', d]).linear(input('weight', [k, d]), input('bias', [k]));
      const expected = build([n, k], ([row, unit]) => {
        let sum = at(feeds.bias, [unit!]);
        for (let i = 0; i < d; i++) sum += at(feeds.x, [row!, i]) * at(feeds.weight, [unit!, i]);
        return sum;
      });
      expect(logits.shape).toEqual(['N', k]);
      expect(difference((await evaluate({ logits }, feeds)).logits!, expected)).toBeLessThan(1e-5);
    });
  });
});
