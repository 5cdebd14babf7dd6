import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { scoresCsv, shortestFloat32 } from '../../src/output/scores.ts';

describe('scoresCsv', () => {
  it('quotes commas, quotes and line breaks, and leaves an unknown label empty', () => {
    const images = [
      { id: 'a, "b".png', label: 7, path: '' },
      { id: 'line\nbreak.png', path: '' },
    ];
    const scores = new Map([['ReAct, p = 90', Float32Array.of(0.1, -Infinity)]]);
    const dataset = { images, predicted: Int32Array.of(3, 4), scores, failed: [] };
    expect([...scoresCsv(['ReAct, p = 90'], new Map([['set', dataset]]))].join('')).toBe(
      'dataset,image,label,predicted,"ReAct, p = 90"\r\n' +
        'set,"a, ""b"".png",7,3,0.1\r\n' +
        'set,"line\nbreak.png",,4,-Infinity\r\n',
    );
  });

  it('keeps names from being computed by a spreadsheet, and leaves numbers alone', () => {
    const images = [{ id: '=1+1.png', path: '' }];
    const dataset = {
      images,
      predicted: Int32Array.of(-1),
      scores: new Map([['-E', Float32Array.of(-2)]]),
      failed: [],
    };
    expect([...scoresCsv(['-E'], new Map([['@set', dataset]]))]).toEqual([
      "dataset,image,label,predicted,'-E\r\n",
      "'@set,'=1+1.png,,,-2\r\n",
    ]);
  });
});

describe('shortestFloat32', () => {
  // As numpy prints them: str(np.float32(x)).
  it.each([
    [Math.fround(0.1), '0.1'],
    [Math.fround(1 / 3), '0.33333334'],
    [16777216, '16777216'],
    [Math.fround(3.4028235e38), '3.4028235e+38'],
    [Math.fround(1e-45), '1e-45'],
    [Math.fround(15.311200141906738), '15.3112'],
    [-0, '0'],
    [Infinity, 'Infinity'],
    [-Infinity, '-Infinity'],
  ])('writes %d as %s', (value, text) => expect(shortestFloat32(value)).toBe(text));

  it('reads back as the same float32', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true }), (value) => Math.fround(Number(shortestFloat32(value))) === value),
      { seed: 1 },
    );
  });
});
