import { describe, expect, it } from '@jest/globals';
import { editDistance } from '../../src/errors/edit-distance.ts';

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
