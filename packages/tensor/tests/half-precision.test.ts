import { describe, expect, it } from '@jest/globals';
import { fromFloat16, toFloat16 } from '../src/index.ts';

describe('float16', () => {
  it('comes back from every one of its numbers', () => {
    const bits = Uint16Array.from({ length: 65536 }, (_, i) => i).filter((each) => (each & 0x7c00) !== 0x7c00);
    expect(toFloat16(fromFloat16(bits))).toEqual(bits);
    expect(toFloat16(Float32Array.of(Infinity, -Infinity, NaN))).toEqual(Uint16Array.of(0x7c00, 0xfc00, 0x7e00));
  });

  // Known bits of IEEE 754's binary16.
  it.each([
    [1, 0x3c00],
    [-2, 0xc000],
    [65504, 0x7bff],
    [65520, 0x7c00],
    [65519, 0x7bff],
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
    [2 ** -25, 0],
    [2 ** -25 * 1.01, 1],
    [1 / 3, 0x3555],
  ])('rounds %s to the nearest, ties to even', (value, bits) => {
    expect(toFloat16(Float32Array.of(value))).toEqual(Uint16Array.of(bits));
  });
});
