import { describe, expect, it } from '@jest/globals';
import { addNoise, blur, paint, photograph, side } from '../src/frame.ts';
import { Random } from '../src/numbers.ts';

const grey = paint(() => [0.5, 0.5, 0.5]);

describe('blur', () => {
  it('leaves an even surface as it is, up to the edges', () => {
    for (const value of blur(grey, 5)) expect(value).toBeCloseTo(0.5, 12);
  });

  it('spreads a point into a bell of variance times / 2, in both directions', () => {
    const point = new Float64Array(grey.length);
    const [row, column] = [30, 33];
    point[(row * side + column) * 3] = 1;
    const spread = blur(point, 6);
    let [total, across, down] = [0, 0, 0];
    spread.forEach((value, i) => {
      total += value;
      across += value * ((Math.floor(i / 3) % side) - column) ** 2;
      down += value * (Math.floor(i / 3 / side) - row) ** 2;
    });
    expect([total, across, down]).toEqual([1, 3, 3].map((expected) => expect.closeTo(expected, 9)));
  });
});

describe('addNoise', () => {
  it('has the deviation that was asked for', () => {
    const noisy = addNoise(grey, 0.2, new Random('noise'));
    const variance = noisy.reduce((sum, value) => sum + (value - 0.5) ** 2, 0) / noisy.length;
    expect(Math.sqrt(variance)).toBeCloseTo(0.2, 2);
  });
});

describe('photograph', () => {
  it('leaves the frame that it is given untouched', () => {
    const before = grey.slice();
    photograph(grey, new Random('photograph'));
    expect(grey).toEqual(before);
  });
});
