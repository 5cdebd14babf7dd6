import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { shortestFloat32 } from '../../src/output/shortest-float32.ts';

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
