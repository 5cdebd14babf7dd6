import { describe, expect, it } from '@jest/globals';
import { didYouMean } from '../src/index.ts';

const scorers = ['energy', 'max-logit', 'msp', 'odin'];

describe('didYouMean', () => {
  it.each([
    ['enrgy', 'energy'],
    ['Energy', 'energy'],
    ['maxlogit', 'max-logit'],
    ['mps', undefined],
    ['odn', 'odin'],
    ['temperature', undefined],
    ['', undefined],
  ])('of "%s" suggests %s', (word, suggestion) => {
    expect(didYouMean(word, scorers)).toBe(suggestion && `Did you mean "${suggestion}"?`);
  });

  it('suggests the nearest of several', () => {
    expect(didYouMean('percentil', ['percentage', 'percentile'])).toBe('Did you mean "percentile"?');
  });

  it('suggests nothing where there is nothing', () => {
    expect(didYouMean('energy', [])).toBeUndefined();
  });
});
