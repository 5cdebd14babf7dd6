import { describe, expect, it } from '@jest/globals';
import { amount } from '../src/amount.ts';

describe('amount', () => {
  it.each([
    [0, '0 images'],
    [1, '1 image'],
    [2, '2 images'],
  ])('has the plural for all numbers but one: %d', (count, text) => {
    expect(amount(count, 'image')).toBe(text);
  });

  it('takes a plural that is irregular', () => {
    expect([amount(1, 'pass', 'passes'), amount(3, 'pass', 'passes')]).toEqual(['1 pass', '3 passes']);
  });
});
