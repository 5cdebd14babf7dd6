import { describe, expect, it } from '@jest/globals';
import { drawCounts, wilson } from '@farout/statistics';
import { accuracyInterval, accuracyOf, remarkOnAccuracy } from '../../src/evaluate/accuracy.ts';

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

describe('accuracyInterval', () => {
  it('is that of Wilson for the images that have a label', () => {
    expect(accuracyInterval(scored([0, 1, undefined, 2], [0, 0, 0, 2]), 0)).toEqual({
      ...wilson(2, 3),
      method: 'wilson',
    });
    expect(accuracyInterval(scored([undefined], [0]), 0)).toBeUndefined();
  });

  it('draws sources again where images share them', () => {
    // Ten photographs, four versions of each: of three photographs all are wrong, of one the last.
    const groups = Array.from({ length: 40 }, (_, image) => image % 10);
    const right = groups.map((group, image) => group > 2 && image !== 39);
    const { images, predicted } = scored(Array<number>(40).fill(1), right.map(Number));
    const grouped = images.map((image, at) => ({ ...image, group: `photograph ${groups[at]!}` }));
    const shares = Array.from({ length: 2000 }, (_, draw) => {
      const counts = new Uint8Array(40);
      drawCounts({ seed: 7, set: 'id', draw }, counts, Int32Array.from(groups));
      return right.reduce((sum, is, image) => sum + (is ? counts[image]! : 0), 0) / 40;
    }).sort((a, b) => a - b);
    const found = accuracyInterval({ images: grouped, predicted }, 7);
    expect(found).toEqual({ low: shares[49], high: shares[1949], method: 'bootstrap' });
  });
});
