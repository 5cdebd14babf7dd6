import { describe, expect, it } from '@jest/globals';
import { checkLearnt } from '../../src/fit/learnt.ts';

const array = (data: unknown, shape: unknown) => ({ x: { data, shape } });

describe('checkLearnt', () => {
  it.each([
    ['nothing', {}],
    ['a scalar', array(Float64Array.of(1), [])],
    ['a matrix', array(new Float32Array(6), [2, 3])],
    ['whole numbers', array(BigInt64Array.of(1n), [1])],
    ['an empty array', array(new Int32Array(0), [0, 4])],
  ])('passes %s on', (_title, learnt) => {
    expect(checkLearnt('part', learnt)).toBe(learnt);
  });

  it.each([
    ['a number', { x: 1 }],
    ['a list', array([1, 2], [2])],
    ['half precision', array(new Uint16Array(2), [2])],
    ['no shape', array(new Float32Array(2), undefined)],
    ['a shape of fractions', array(new Float32Array(2), [0.5, 4])],
    ['a negative shape', array(new Float32Array(2), [-1, -2])],
    ['null', { x: null }],
  ])('refuses %s by the names of the part and the array', (_title, learnt) => {
    expect(() => checkLearnt('part', learnt)).toThrow('"part" learnt "x", which is not a typed array with its shape');
  });

  it('refuses a shape that the elements do not fill, and what is no record', () => {
    expect(() => checkLearnt('part', array(new Float32Array(5), [2, 3]))).toThrow(
      '"part" learnt "x", whose 5 elements do not fill the shape (2, 3)',
    );
    expect(() => checkLearnt('part', undefined)).toThrow('"part" learnt no record of arrays');
  });
});
