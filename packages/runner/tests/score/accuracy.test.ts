import { describe, expect, it } from '@jest/globals';
import { accuracyOf, remarkOnAccuracy } from '../../src/score/accuracy.ts';

const scored = (labels: readonly (number | undefined)[], predicted: readonly number[]) => ({
  images: labels.map((label, i) => ({ id: `${i}`, path: `/${i}`, ...(label !== undefined && { label }) })),
  predicted: Int32Array.from(predicted),
});

describe('accuracyOf', () => {
  it('counts the images that have a label, and those of them that are right', () => {
    expect(accuracyOf(scored([0, 1, undefined, 2], [0, 0, 0, 2]))).toEqual({ accuracy: 2 / 3, labelled: 3 });
  });

  it('is nothing where no image has one', () => {
    expect(accuracyOf(scored([undefined], [0]))).toEqual({ accuracy: null, labelled: 0 });
  });
});

describe('remarkOnAccuracy', () => {
  it.each([
    ['0 of 2 with 6 classes', 0, 2, 6],
    ['1 of 6 with 6 classes: 1 / K', 1 / 6, 6, 6],
    ['0.12 with 10 classes', 0.12, 100, 10],
    ['0.002 with 1000 classes, as where labels are off by one', 0.002, 50_000, 1000],
    ['0.45 with 2 classes, less than guessing', 0.45, 100, 2],
  ])('says something about %s', (_, accuracy, labelled, classes) => {
    expect(remarkOnAccuracy({ accuracy, labelled }, classes)).toMatch(
      `Of ${labelled} labelled ID images the network recognises ${accuracy === 0 ? 'none' : Math.round(accuracy * labelled)}, ${accuracy > 1 / classes ? 'hardly' : 'no'} better than guessing among ${classes} classes. Labels may be off by one`,
    );
  });

  it.each([
    ['without labels', null, 0, 10],
    ['of 0.7 with 1000 classes', 0.7, 1000, 1000],
    ['of 0.2 with 1000 classes', 0.2, 1000, 1000],
    ['of 0.6 with 2 classes', 0.6, 100, 2],
  ])('says nothing about one %s', (_, accuracy, labelled, classes) => {
    expect(remarkOnAccuracy({ accuracy, labelled }, classes)).toBeUndefined();
  });
});
