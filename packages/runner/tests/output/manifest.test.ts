import { describe, expect, it } from '@jest/globals';
import { json } from '../../src/output/manifest.ts';

describe('json', () => {
  it('spells the numbers that JSON has not', () => {
    expect(json({ a: [Infinity, -Infinity, NaN, 1e300], b: null })).toBe(
      '{"a":["Infinity","-Infinity","NaN",1e+300],"b":null}',
    );
  });

  it('writes what is read by people on lines of their own', () => {
    expect(json({ a: 1 }, 2)).toBe('{\n  "a": 1\n}');
  });
});
