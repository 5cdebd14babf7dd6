import { describe, expect, it } from '@jest/globals';
import { spelledNumber } from '../../src/saved-run/spelled-number.ts';

describe('a number of a saved run', () => {
  it.each([
    [1.5, 1.5],
    ['Infinity', Infinity],
    ['-Infinity', -Infinity],
    ['NaN', NaN],
  ])('may be %p', (spelled, number) => {
    expect(spelledNumber.parse(spelled)).toBe(number);
  });

  it.each(['1', '', 'infinity', null])('may not be %p', (text) => {
    expect(spelledNumber.safeParse(text).success).toBe(false);
  });
});
