import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { thresholdOf } from '../src/index.ts';

const scores = (length: number) => Float32Array.from({ length }, (_, at) => at);

/** The float32 number after this one, by its bits; of positive ones. */
function next(value: number): number {
  const bits = new Uint32Array(Float32Array.of(value).buffer);
  bits[0]! += 1;
  return new Float32Array(bits.buffer)[0]!;
}

describe('thresholdOf', () => {
  it.each([
    // round() of Python 3.11: halves to the even number.
    [0.95, 120, 6],
    [0.95, 1000, 50],
    [0.95, 10, 0],
    [0.95, 30, 2],
    [0.95, 50, 2],
    [0.9, 1000, 100],
    [0.7, 10, 3],
    [0.99, 2740, 27],
  ])('names at a share of %d of %d images the score at index %d', (tpr, count, index) => {
    expect(thresholdOf(scores(count), tpr)).toEqual({ value: index + 0.5, score: index, tpr, index, count });
  });

  it('lies halfway to the next larger score, beyond those that are equal', () => {
    const { value, score } = thresholdOf(Float32Array.of(5, 1, 3, 3, 3, 9, 2, 3, 3, 4), 0.7);
    expect([score, value]).toEqual([3, 3.5]);
  });

  it('is the lower one of two neighbours in float32, between which nothing lies', () => {
    const low = 1.1;
    const pair = Float32Array.of(low, next(Math.fround(low)));
    const { value } = thresholdOf(pair, 0.9);
    expect(value).toBe(pair[0]);
  });

  it('reaches up to an infinite score', () => {
    const { value, score } = thresholdOf(Float32Array.of(7, Infinity, Infinity), 0.9);
    expect([score, value]).toEqual([7, 8]);
    expect(thresholdOf(Float32Array.of(3.4e38, Infinity), 0.9).value).toBe(Math.fround(3.4e38));
  });

  it.each([
    ['the same score', [2, 2, 2], 0.95],
    ['the same score', [], 0.95],
    ['its threshold is -Infinity', [-Infinity, 1, 2], 0.95],
    ['no ID image scores above', [1, 2, 2], 0.2],
    ['no ID image scores above', [1, 2, 3], 0.001],
    ['its threshold is Infinity', [1, Infinity, Infinity], 0.2],
  ])('is refused: %s', (why, given, tpr) => {
    expect(() => thresholdOf(Float32Array.from(given), tpr)).toThrow(
      expect.objectContaining({ code: 'OOD_EXPORT_REFUSED', message: expect.stringContaining(why) as unknown }),
    );
  });

  it('decides on every score as the score that the rule names does', () => {
    const float = fc.float({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(fc.array(float, { minLength: 2, maxLength: 40 }), fc.double({ min: 0.3, max: 0.99 }), (list, tpr) => {
        const given = Float32Array.from(list);
        const sample = [...given].sort((a, b) => a - b);
        // What is refused is tested above.
        fc.pre(sample[Math.ceil((1 - tpr) * sample.length)]! < sample.at(-1)!);
        const { value, score, index } = thresholdOf(given, tpr);
        expect(Math.fround(value)).toBe(value);
        expect(sample[index]).toBe(score);
        expect([...given].map((each) => each > value)).toEqual([...given].map((each) => each > score));
      }),
    );
  });
});
