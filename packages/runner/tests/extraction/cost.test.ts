import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { input } from '@farout/tensor';
import { costOf, costSentence, inUnits } from '../../src/extraction/cost.ts';
import type { Reading } from '../../src/extraction/graphs.ts';
import { temporaryFolder } from '../fixtures/tiny.ts';

const reading = (...sizes: number[]): Reading => ({
  key: sizes.join(),
  what: 'a reading',
  tensor: input(sizes.join(), ['N', ...sizes]),
  graph: 'forward',
});

const images = (count: number) => Array.from({ length: count }, (_, i) => ({ id: String(i), path: `/${i}` }));

describe('costOf', () => {
  it('counts four bytes a number, for each image of each set that wants it', async () => {
    const folder = path.join(await temporaryFolder(), 'not', 'there', 'yet');
    const wanted = [
      { dataset: { images: images(10) }, readings: [reading(2048)] },
      { dataset: { images: images(3) }, readings: [reading(2048), reading(2, 7, 7)] },
    ];
    const cost = await costOf(wanted, { store: folder });
    expect(cost).toMatchObject({ bytesPerImage: 8192 + 392, bytes: 10 * 8192 + 3 * (8192 + 392) });
    expect(cost.free).toBeGreaterThan(0);
  });

  it('knows nothing of the room behind an address', async () => {
    const cost = await costOf([{ dataset: { images: images(10) }, readings: [reading(2)] }], {
      store: 's3://bucket/a',
    });
    expect(cost).toEqual({ bytesPerImage: 8, bytes: 80, free: undefined });
  });
});

describe('costSentence', () => {
  it('says what is kept and what is free, and whether that is too little', () => {
    expect(costSentence({ bytesPerImage: 8192, bytes: 22_446_080, free: 31e9 })).toEqual({
      sentence: 'The store keeps 8.2 KB per image, 22 MB in total; 31 GB are free there.',
      isTooMuch: false,
    });
    expect(costSentence({ bytesPerImage: 1, bytes: 10, free: 9 }).isTooMuch).toBe(true);
    expect(costSentence({ bytesPerImage: 1, bytes: 10, free: undefined }).sentence).toBe(
      'The store keeps 1 bytes per image, 10 bytes in total.',
    );
  });
});

describe('inUnits', () => {
  it.each([
    [0, '0 bytes'],
    [999, '999 bytes'],
    [1000, '1 KB'],
    [99_499, '99 KB'],
    [999_499, '999 KB'],
    [999_501, '1 MB'],
    [514e9, '514 GB'],
    [4.11e12, '4.1 TB'],
  ])('writes %d as %s', (bytes, text) => {
    expect(inUnits(bytes)).toBe(text);
  });
});
