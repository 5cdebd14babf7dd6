import { describe, expect, it } from '@jest/globals';
import { editDistance } from '../../src/errors/did-you-mean.ts';
import { didYouMean } from '../../src/index.ts';

const scorers = ['energy', 'max-logit', 'msp', 'odin'];

describe('didYouMean', () => {
  it.each([
    ['enrgy', 'energy'],
    ['Energy', 'energy'],
    ['maxlogit', 'max-logit'],
    ['mps', 'msp'],
    ['eenrgy', 'energy'],
    ['xyz', undefined],
    ['odn', 'odin'],
    ['temperature', undefined],
    ['', undefined],
  ])('of "%s" suggests %s', (word, suggestion) => {
    expect(didYouMean(word, scorers)).toBe(suggestion && `Did you mean "${suggestion}"?`);
  });

  it('suggests the nearest of several', () => {
    expect(didYouMean('percentil', ['percentage', 'percentile'])).toBe('Did you mean "percentile"?');
  });

  it('counts letters that are swapped as one slip, and prefers it to two', () => {
    expect(didYouMean('fpr59', ['auroc', 'fpr95'])).toBe('Did you mean "fpr95"?');
    expect(didYouMean('max-lgoit', ['max-lgxxt', 'max-logit'])).toBe('Did you mean "max-logit"?');
  });

  it.each([
    ['fpr', 'fpr95'],
    ['auc', 'auroc'],
    ['fpr95tpr', 'fpr95'],
    ['AUPR', 'aupr-in'],
    ['folder', 'image-folder'],
    ['resnet', 'resnet50'],
    ['rn', undefined],
    ['net', undefined],
  ])('takes "%s" for a short form of %s', (word, suggestion) => {
    const names = ['aupr-in', 'aupr-out', 'auroc', 'fpr95', 'image-folder', 'resnet50'];
    expect(didYouMean(word, names)).toBe(suggestion && `Did you mean "${suggestion}"?`);
  });

  it('is not held up by a word of a million letters', () => {
    expect(didYouMean('e'.repeat(1e6), scorers)).toBeUndefined();
  });

  it('suggests nothing where there is nothing', () => {
    expect(didYouMean('energy', [])).toBeUndefined();
  });
});

describe('editDistance', () => {
  it.each([
    // Of the literature: Levenshtein's own example, and the one in which optimal string alignment and Damerau's distance part.
    ['kitten', 'sitting', 3],
    ['ca', 'abc', 3],
    ['energy', 'energy', 0],
    ['eenrgy', 'energy', 1],
    ['mps', 'msp', 1],
    ['fpr59', 'fpr95', 1],
    ['ab', 'ba', 1],
    ['abcd', 'badc', 2],
    ['', 'odin', 4],
    ['odin', '', 4],
    ['', '', 0],
  ])('from "%s" to "%s" is %i, and back', (word, other, distance) => {
    expect(editDistance(word, other)).toBe(distance);
    expect(editDistance(other, word)).toBe(distance);
  });
});
